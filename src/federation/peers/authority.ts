/** What may stand as a gateway's host and port: one spelling for each target, so that no two programs read two hosts in it. */
import { isIPv4, isIPv6 } from 'node:net';

export interface Target {
  /** Lower-case name, dotted quad, or IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
}

const AUTHORITY = /^(?:\[([0-9a-f:]+)\]|([a-z0-9.-]+))(?::([1-9][0-9]{0,4}))?$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** What URL parsers and resolvers take for a number: WHATWG URL, "ends in a number". */
const NUMBER = /^(?:[0-9]+|0x[0-9a-f]*)$/;
const HTTPS_PORT = 443;

/**
 * Untrusted text. Undefined unless it is `host` or `host:port` in lower-case ASCII: no trailing dot, no number in
 * another spelling than the dotted quad, no zone, no IPv4 inside IPv6, no name that only IDNA makes a name.
 */
export function readAuthority(text: string): Target | undefined {
  const [, ipv6, name, digits] = AUTHORITY.exec(text) ?? [];
  const port = digits === undefined ? HTTPS_PORT : Number(digits);
  const host = ipv6 ?? name;
  if (host === undefined || port > 65_535) return undefined;
  const sound = ipv6 === undefined ? isHost(host) : isIPv6(ipv6) && !ipv6.startsWith('::ffff:');
  return sound ? { host, port } : undefined;
}

function isHost(host: string): boolean {
  const labels = host.split('.');
  if (NUMBER.test(labels.at(-1) ?? '')) return isIPv4(host);
  return host.length <= 253 && labels.every((label) => LABEL.test(label));
}
