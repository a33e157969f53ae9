//! Which way leads out of which failure.

import type { AccountSettings, CauseCode, CredentialKind, ErrorCode } from '../host';

/** The line failed, not the account: it may be added all the same, as the agent agrees. */
export const UNREACHABLE = new Set<CauseCode>(['dns', 'tcp', 'timeout', 'proxy', 'disconnected']);

/** Another candidate may be tried without asking: nobody has refused a password yet. */
export function mayTryNext(code: CauseCode): boolean {
  return (
    code === 'dns' || code === 'tcp' || code === 'timeout' || code === 'disconnected' || code === 'certificate_name'
  );
}

/** The button that helps. */
export type Way =
  'secret' | 'servers' | 'help' | 'again' | 'proxy' | 'browser' | 'keychain' | 'copy' | 'address' | 'code';

const WAYS: Record<CauseCode, Way[]> = {
  dns: ['again', 'servers'],
  tcp: ['again', 'servers', 'proxy'],
  timeout: ['again', 'servers', 'proxy'],
  proxy: ['proxy', 'again'],
  proxy_auth: ['proxy', 'again'],
  tls: ['servers', 'again'],
  certificate_expired: ['again', 'copy'],
  certificate_unknown: ['again', 'copy', 'servers'],
  certificate_name: ['servers', 'again'],
  certificate_other: ['again', 'copy'],
  plaintext_forbidden: ['servers'],
  password: ['secret', 'servers', 'help'],
  authorization_code: ['code', 'help'],
  oauth_expired: ['browser'],
  imap_disabled: ['help', 'again'],
  unsafe_login: ['help', 'again'],
  too_many_connections: ['again'],
  smtp_refused: ['help', 'again', 'servers'],
  keychain: ['keychain'],
  secret_missing: ['secret'],
  server_said: ['again', 'copy', 'servers'],
  disconnected: ['again', 'servers'],
};

/**
 * The ways out of a failure, the best first; without the provider's help page where there is none. A name of a server
 * that was typed by hand is what is looked at first when it is not found.
 */
export function waysOut(code: CauseCode, help: boolean, credential: CredentialKind, typed = false): Way[] {
  const ways = WAYS[code]
    .filter((way) => way !== 'help' || help)
    .map((way) => (way === 'secret' && credential === 'oauth2' ? 'browser' : way));
  return code === 'dns' && typed ? ways.reverse() : ways;
}

/** The ways out where no test failed, but the request itself. */
export function waysOutOf(code: ErrorCode): Way[] {
  switch (code) {
    case 'account_exists':
    case 'bad_address':
      return ['address'];
    case 'keychain_locked':
    case 'keychain_absent':
      return ['keychain'];
    case 'oauth_client_missing':
    case 'oauth_denied':
    case 'oauth_failed':
    case 'oauth_timeout':
      return ['secret'];
    default:
      return ['again', 'servers'];
  }
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
