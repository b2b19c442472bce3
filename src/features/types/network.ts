/** Types of the technical chain: where a fraud is advertised, hosted and run. */
import { BlockList, isIP } from 'node:net';
import { hostName } from './host-name.ts';
import { ofForm, type TypeRule } from './type-rule.ts';

/** Java package names (Android) and bundle identifiers (iOS), which may carry hyphens. */
const PACKAGE = /^[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*)+$/;
const SHA256 = /^[0-9a-f]{64}$/;
const FINGERPRINT = /^[0-9a-z][0-9a-z:._-]{7,127}$/;

/** Addresses that are never one machine for everybody: RFC 6890, without the documentation ranges samples use. */
const LOCAL_ADDRESSES = localAddresses();

export const domain: TypeRule = {
  personal: false,
  expected: 'a host name of two labels or more, at most 253 characters',
  normalise: hostName,
};

export const url: TypeRule = {
  personal: false,
  expected: 'an http or https URL without credentials, at most 2,048 characters',
  normalise: webAddress,
};

export const ip: TypeRule = {
  personal: false,
  expected: 'one public IPv4 or IPv6 address',
  normalise: publicAddress,
};

export const appPackage: TypeRule = {
  personal: false,
  expected: 'a package name or bundle identifier such as com.example.loan, at most 255 characters',
  normalise: (value) => (value.length > 255 ? undefined : ofForm(value.trim(), PACKAGE)),
};

export const appSigningCertificate: TypeRule = {
  personal: false,
  expected: 'the SHA-256 of the signing certificate, 64 hex digits, colons allowed',
  normalise: (value) => ofForm(value.trim().replaceAll(':', '').toLowerCase(), SHA256),
};

export const deviceFingerprint: TypeRule = {
  personal: false,
  expected: '8–128 letters, digits, colon, dot, _ or -',
  normalise: (value) => ofForm(value.trim().toLowerCase(), FINGERPRINT),
};

/** WHATWG serialisation, so that one address has one spelling; the fragment never reaches the server. */
function webAddress(value: string): string | undefined {
  const text = value.trim();
  if (text.length > 2048 || !/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const address = new URL(text);
  if (address.username !== '' || address.password !== '') return undefined;
  address.hash = '';
  const host = address.hostname.replace(/\.$/, '');
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIP(bare) === 0 ? hostName(host) === undefined : publicAddress(bare) === undefined) return undefined;
  address.hostname = host;
  return ofForm(address.href, /^.{1,2048}$/);
}

/** Lower case, IPv6 compressed as in RFC 5952. An IPv4 address in IPv6 clothes would be a second spelling. */
function publicAddress(value: string): string | undefined {
  const text = value.trim();
  const family = isIP(text);
  if (family === 0 || text.includes('%')) return undefined;
  if (LOCAL_ADDRESSES.check(text, family === 4 ? 'ipv4' : 'ipv6')) return undefined;
  const normal = family === 4 ? text : new URL(`http://[${text}]`).hostname.slice(1, -1);
  return normal.startsWith('::ffff:') ? undefined : normal;
}

function localAddresses(): BlockList {
  const list = new BlockList();
  const v4 = ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'];
  for (const range of [...v4, '192.168.0.0/16', '224.0.0.0/3']) addRange(list, range, 'ipv4');
  for (const range of ['::/127', 'fc00::/7', 'fe80::/10', 'ff00::/8']) addRange(list, range, 'ipv6');
  return list;
}

function addRange(list: BlockList, range: string, family: 'ipv4' | 'ipv6'): void {
  const [network = '', bits] = range.split('/');
  list.addSubnet(network, Number(bits), family);
}
