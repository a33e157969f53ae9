//! What is typed about a proxy, checked before it is used.

import type { ProxySettings } from '../../host';

export type OwnProxy = Extract<ProxySettings, { host: string }>;

/** What is wrong with a typed host or port. */
export type Wrong = 'empty' | 'host' | 'port';

const HOST = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i;
const IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*$/i;

export function wrongHost(host: string): Wrong | null {
  if (host === '') return 'empty';
  // A name beyond ASCII is left to the resolver.
  const plain = host.replace(/[^ -~]/g, 'x');
  return HOST.test(plain) || IPV6.test(host) ? null : 'host';
}

export function wrongPort(port: string): Wrong | null {
  if (port === '') return 'empty';
  return /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535 ? null : 'port';
}

/** The port that a kind of proxy usually has. */
export function usualPort(kind: OwnProxy['kind']): number {
  return kind === 'http' ? 8080 : 1080;
}

/** A whole address in place of a name, as people copy it: `http://proxy.example:8080`, `proxy.example:8080`, `[::1]:1080`. */
export function pasted(text: string): { kind?: OwnProxy['kind']; host: string; port?: string } {
  const parts = /^(?:(https?|socks5h?):\/\/)?(?:\[([^\]]+)\]|([^:/\s]+))(?::(\d{1,5}))?\/?$/i.exec(text.trim());
  const host = parts?.[2] ?? parts?.[3];
  if (!parts || host === undefined) return { host: text.trim() };
  const kind = parts[1] === undefined ? undefined : parts[1].toLowerCase().startsWith('http') ? 'http' : 'socks5';
  return { host, ...(kind && { kind }), ...(parts[4] !== undefined && { port: parts[4] }) };
}
