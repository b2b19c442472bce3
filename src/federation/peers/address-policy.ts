/** Which addresses a gateway may connect to: names are resolved once, every answer is checked, and that answer is used. */
import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';
import { GatewayError } from '../../core/errors.ts';

/** Never a peer: unspecified, link-local (cloud metadata), multicast, reserved. */
const neverPeers = blockList(
  ['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4'],
  ['::/128', 'fe80::/10', 'ff00::/8'],
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
  ['::1/128', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001:db8::/32', '2002::/16', 'fc00::/7'],
);

/** An IPv4-mapped IPv6 address is judged as the IPv4 address it stands for (BlockList does so itself). */
export function mayConnect(address: string, allowPrivateNetworks: boolean): boolean {
  if (isIP(address) === 0) return false;
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (neverPeers.check(address, family)) return false;
  return allowPrivateNetworks || !privateNetworks.check(address, family);
}

/** For literal addresses, which no lookup sees. Throws `exchange.target-refused`. */
export function demandConnectable(host: string, allowPrivateNetworks: boolean): void {
  if (isIP(host) !== 0 && !mayConnect(host, allowPrivateNetworks)) throw refused(host);
}

/** A `lookup` that fails when any answer is a denied address, so that rebinding can't slip one in. */
export function guardedLookup(allowPrivateNetworks: boolean): LookupFunction {
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
