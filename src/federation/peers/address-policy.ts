/** Which addresses a gateway may connect to: names are resolved once, every answer is checked, and that answer is used. */
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';
import { GatewayError } from '../../core/errors.ts';

/** Never a peer: unspecified, link-local, multicast, reserved, and where clouds hand their machines' secrets out. */
const neverPeers = blockList(
  [
    '0.0.0.0/8',
    '169.254.0.0/16',
    '224.0.0.0/4',
    '240.0.0.0/4',
    // Alibaba Cloud, Oracle Cloud, Azure; the others' lie in 169.254.0.0/16.
    '100.100.100.200/32',
    '192.0.0.192/32',
    '168.63.129.16/32',
  ],
  ['::/128', 'fe80::/10', 'fec0::/10', 'ff00::/8', 'fd00:ec2::254/128'],
);

/** Peers only where the alliance allows private networks. RFC 6890 and its registry of special addresses. */
const privateNetworks = blockList(
  [
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
  ],
  [
    '::/96',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '100::/64',
    '2001::/23',
    '2001:db8::/32',
    '2002::/16',
    '3fff::/20',
    '5f00::/16',
    'fc00::/7',
  ],
);

/**
 * An IPv4-mapped IPv6 address is judged as the IPv4 address it stands for (BlockList does so itself); one of a
 * translator or tunnel (NAT64, 6to4, IPv4-compatible) as itself and as the IPv4 address inside.
 */
export function mayConnect(address: string, allowPrivateNetworks: boolean): boolean {
  // A zone names a link of this machine, and BlockList would not look past it.
  if (isIP(address) === 0 || address.includes('%')) return false;
  const inside = embeddedIPv4(address);
  if (inside !== undefined && !mayConnect(inside, allowPrivateNetworks)) return false;
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (neverPeers.check(address, family)) return false;
  return allowPrivateNetworks || !privateNetworks.check(address, family);
}

/** For literal addresses, which no lookup sees. Throws `exchange.target-refused`. */
export function demandConnectable(host: string, allowPrivateNetworks: boolean): void {
  if (isIP(host) !== 0 && !mayConnect(host, allowPrivateNetworks)) throw refused(host);
}

/** As `dns.lookup` with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** A `lookup` that fails when any answer is a denied address, so that rebinding can't slip one in. */
export function guardedLookup(allowPrivateNetworks: boolean, resolve: Resolve = lookup): LookupFunction {
  return (hostname: string, options: LookupOptions, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return done(error, '', 0);
      const denied = addresses.find(({ address }) => !mayConnect(address, allowPrivateNetworks));
      const first = addresses[0];
      if (denied !== undefined || first === undefined) return done(refused(hostname), '', 0);
      if (options.all === true) return done(null, addresses);
      return done(null, first.address, first.family);
    });
  };
}

const EIGHT_GROUPS = 8;

function embeddedIPv4(address: string): string | undefined {
  if (!isIPv6(address)) return undefined;
  const groups = groupsOf(address);
  const at = groups[0] === 0x2002 ? 1 : isTranslated(groups) ? 6 : undefined;
  if (at === undefined) return undefined;
  const [high = 0, low = 0] = groups.slice(at, at + 2);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** 64:ff9b::/96 (RFC 6052) and ::/96 (RFC 4291, 2.5.5.1), of which :: and ::1 are addresses of their own. */
function isTranslated(groups: readonly number[]): boolean {
  const zeros = groups.slice(2, 6).every((group) => group === 0);
  if (!zeros) return false;
  if (groups[0] === 0x64 && groups[1] === 0xff9b) return true;
  return groups[0] === 0 && groups[1] === 0 && (groups[6] !== 0 || (groups[7] ?? 0) > 1);
}

/** The URL parser writes every spelling, a dotted quad at the end too, as hexadecimal groups. */
function groupsOf(address: string): number[] {
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const parse = (part: string): number[] =>
    part
      .split(':')
      .filter(Boolean)
      .map((group) => parseInt(group, 16));
  const [front, back] = [parse(head), parse(tail ?? '')];
  return [...front, ...Array<number>(EIGHT_GROUPS - front.length - back.length).fill(0), ...back];
}

function refused(host: string): GatewayError {
  return new GatewayError('exchange.target-refused', `the address of ${host} is not allowed`, {
    facts: { host },
  });
}

function blockList(ipv4: readonly string[], ipv6: readonly string[]): BlockList {
  const list = new BlockList();
  for (const [ranges, family] of [
    [ipv4, 'ipv4'],
    [ipv6, 'ipv6'],
  ] as const) {
    for (const range of ranges) {
      const [network = '', bits = ''] = range.split('/');
      list.addSubnet(network, Number(bits), family);
    }
  }
  return list;
}
