//! Which way leads out of which failure.

import type { AccountSettings, CauseCode, CredentialKind } from '../host';

/** The line failed, not the account: it may work later. */
export const PROBLEM_OF_LINE = new Set<CauseCode>([
  'dns',
  'tcp',
  'timeout',
  'proxy',
  'disconnected',
  'too_many_connections',
]);

/** Another candidate may be tried without asking: nobody has refused a password yet. */
export function mayTryNext(code: CauseCode): boolean {
  return (
    code === 'dns' || code === 'tcp' || code === 'timeout' || code === 'disconnected' || code === 'certificate_name'
  );
}

/** The button that helps. */
export type Way = 'secret' | 'servers' | 'help' | 'again' | 'proxy' | 'browser' | 'keychain';

const WAYS: Record<CauseCode, Way[]> = {
  dns: ['servers', 'again'],
  tcp: ['again', 'servers'],
  timeout: ['again', 'servers'],
  proxy: ['proxy', 'again'],
  proxy_auth: ['proxy', 'again'],
  tls: ['servers', 'again'],
  certificate_expired: ['again', 'servers'],
  certificate_unknown: ['again', 'servers'],
  certificate_name: ['servers', 'again'],
  certificate_other: ['again', 'servers'],
  plaintext_forbidden: ['servers'],
  password: ['secret', 'help'],
  authorization_code: ['secret', 'help'],
  oauth_expired: ['browser'],
  imap_disabled: ['help', 'again'],
  unsafe_login: ['again', 'help'],
  too_many_connections: ['again'],
  smtp_refused: ['servers', 'secret'],
  keychain: ['keychain'],
  secret_missing: ['secret'],
  server_said: ['again', 'servers'],
  disconnected: ['again', 'servers'],
};

/** The ways out of a failure, the best first; without the provider's help page where there is none. */
export function waysOut(code: CauseCode, help: boolean, credential: CredentialKind): Way[] {
  return WAYS[code]
    .filter((way) => way !== 'help' || help)
    .map((way) => (way === 'secret' && credential === 'oauth2' ? 'browser' : way));
}

/** Settings to be typed by hand. */
export function blank(address: string): AccountSettings {
  const domain = address.split('@')[1] ?? '';
  const host = (name: string) => (domain ? `${name}.${domain}` : '');
  return {
    provider: 'custom',
    imap: { host: host('imap'), port: 993, security: 'tls', user: address },
    smtp: { host: host('smtp'), port: 465, security: 'tls', user: address },
    credential: 'password',
  };
}

/** The usual port of a protocol. */
export function usualPort(protocol: 'imap' | 'smtp', security: 'tls' | 'starttls' | 'none'): number {
  if (protocol === 'imap') return security === 'tls' ? 993 : 143;
  return security === 'tls' ? 465 : security === 'starttls' ? 587 : 25;
}

/** Whether a host is this machine, where alone an open line is allowed. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Key of the words that tell where a provider hands out its code or client password. */
export function helpKey(provider: string): string {
  const families = ['netease_qiye', 'netease', 'tencent_exmail', 'qq', 'aliyun', 'gmail'];
  const family = families.find((each) => provider.startsWith(each));
  const names: Record<string, string> = { tencent_exmail: 'exmail', gmail: 'google' };
  return `provider.help.${family === undefined ? 'general' : (names[family] ?? family)}`;
}
