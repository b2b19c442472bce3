/** Where a gateway may be sent, and what it believes of an answer. */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ALLIANCE } from '../../../src/demo/cast.ts';
import type { AttackCase, Expectation, Outcome } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import { dns as dnsName, ip, makeBadCertificate, uri } from '../bad-certificates.ts';
import { callOut, clientTo, fakeServer } from '../fake-server.ts';
import type { Threat } from '../threats.ts';

const refused: Expectation = { status: 0, code: 'exchange.target-refused', entries: [] };
const PORT = '<port>';

async function sentTo(
  world: AttackWorld,
  authority: string,
  allowPrivateNetworks: boolean,
): Promise<Outcome> {
  const { port, hits } = world.watch.canary;
  const at = authority.replace(PORT, String(port));
  try {
    return await callOut(clientTo(world, [{ authority: at, certs: [] }], { allowPrivateNetworks }), hits);
  } catch (error) {
    return { status: -1, code: String(error) };
  }
}

const target = (authority: string, allowPrivateNetworks = false): AttackCase => ({
  name: `${authority}${allowPrivateNetworks ? ', where private networks are allowed' : ''}`,
  threat: 'ssrf',
  attack: (world) => sentTo(world, authority, allowPrivateNetworks),
  expect: refused,
});

const loopback = [
  '127.0.0.1',
  '127.0.0.2',
  '127.255.255.254',
  'localhost',
  'localhost.',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:127.0.0.1]',
  '0x7f.1',
  '0x7f000001',
  '2130706433',
  '0177.0.0.1',
  '0127.0.0.1',
  '127.1',
  '127.0.1',
  '127.0.0.1.',
  '１２７.0.0.1',
  '127。0。0。1',
];
const inside = [
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '198.18.0.1',
  '192.0.2.1',
  '[fd00::1]',
  '[fc00::1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::10.0.0.1]',
  '[2002:7f00:1::]',
  '[2001:db8::1]',
];
const never = [
  '0.0.0.0',
  '0',
  '169.254.169.254',
  '169.254.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '[::]',
  '[fe80::1]',
  '[ff02::1]',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '0xa9fea9fe',
  '2852039166',
];

const targets: readonly AttackCase[] = [
  ...[...loopback, ...inside, ...never].map((host) => target(`${host}:${PORT}`)),
  ...never.map((host) => target(`${host}:${PORT}`, true)),
];

/** What the resolver says is the attacker's. */
const resolving = (name: string, answers: readonly { address: string; family: number }[]): AttackCase => ({
  name,
  threat: 'dns-rebinding',
  attack: async (world) => {
    const { lookup } = dns;
    const fake = (_name: string, _options: object, done: (error: null, found: unknown) => void): void =>
      done(null, answers);
    Object.assign(dns, { lookup: fake });
    syncBuiltinESMExports();
    try {
      return await sentTo(world, `gw.police.example:${PORT}`, false);
    } finally {
      Object.assign(dns, { lookup });
      syncBuiltinESMExports();
    }
  },
  expect: refused,
});
const here = { address: '127.0.0.1', family: 4 };
const outside = { address: '1.1.1.1', family: 4 };

const rebinding: readonly AttackCase[] = [
  resolving('a name that resolves to ourselves', [here]),
  resolving('a public address first, ourselves second', [outside, here]),
  resolving('ourselves first, a public address second', [here, outside]),
  resolving('ourselves as a mapped address', [{ address: '::ffff:127.0.0.1', family: 6 }]),
  resolving('the metadata service', [{ address: '169.254.169.254', family: 4 }]),
  resolving('a name that resolves to nothing', []),
  resolving('a name that resolves to no address', [{ address: 'evil', family: 4 }]),
];

type Respond = (request: IncomingMessage, response: ServerResponse) => void;
const answering = (
  name: string,
  respond: Respond,
  code: 'exchange.response-invalid' | 'exchange.peer-unreachable',
  threat: Threat = 'swapped-answer',
): AttackCase => ({
  name,
  threat,
  victim: ({ gateways }) => gateways['bank-a'],
  attack: async (world) => {
    const names = [uri(`urn:lianzheng:${ALLIANCE}:police-p:gw1`), dnsName('localhost'), ip('127.0.0.1')];
    const identity = makeBadCertificate({
      issuer: world.founded.ca,
      key: world.identities.sender.key!,
      names,
    });
    const server = await fakeServer({ cert: identity.cert, key: identity.key }, respond);
    try {
      const certs = [{ x5t: identity.x5t, nbf: 0, exp: 4_000_000_000 }];
      return await callOut(
        clientTo(world, [{ authority: `127.0.0.1:${server.port}`, certs }]),
        server.requests,
      );
    } finally {
      await server.close();
    }
  },
  expect: { status: 1, code, entries: [], calls: 1 },
});
const echo = (request: IncomingMessage): string => String(request.headers['exchange-token']);

const answers: readonly AttackCase[] = [
  answering('an answer without a token', (_r, s) => s.end('{"results":[]}'), 'exchange.response-invalid'),
  answering(
    "the token of the request as the answer's",
    (r, s) => s.setHeader('exchange-token', echo(r)).end('{}'),
    'exchange.response-invalid',
  ),
  answering(
    'two tokens',
    (r, s) => s.setHeader('exchange-token', [echo(r), echo(r)]).end('{}'),
    'exchange.response-invalid',
  ),
  answering(
    'a token of dots',
    (_r, s) => s.setHeader('exchange-token', '..').end('{}'),
    'exchange.response-invalid',
  ),
  answering(
    'a token of 9 kilobytes',
    (_r, s) => s.setHeader('exchange-token', 'a'.repeat(9000)).end('{}'),
    'exchange.response-invalid',
    'oversize',
  ),
  answering(
    'headers of 40 kilobytes',
    (_r, s) => s.setHeader('x-a', 'a'.repeat(40_000)).end('{}'),
    'exchange.peer-unreachable',
    'oversize',
  ),
  answering(
    'a gzip bomb',
    (_r, s) => s.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(10_000_000))),
    'exchange.response-invalid',
    'zip-bomb',
  ),
  answering(
    'a redirect to the metadata service',
    (_r, s) => s.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
    'exchange.response-invalid',
    'ssrf',
  ),
  answering(
    'a problem with a code that injects',
    (_r, s) => s.writeHead(403).end('{"code":"x\\n{\\"level\\":30}"}'),
    'exchange.response-invalid',
    'log-injection',
  ),
  answering(
    'an answer that breaks off',
    (_r, s) =>
      void (s.writeHead(200, { 'content-length': 100 }), s.write('{'), setTimeout(() => s.destroy(), 50)),
    'exchange.peer-unreachable',
  ),
  answering('a connection that is cut', (r) => void r.socket.destroy(), 'exchange.peer-unreachable'),
  answering(
    '101 Switching Protocols',
    (_r, s) => s.writeHead(101).end(),
    'exchange.peer-unreachable',
    'downgrade',
  ),
];

export const outboundCases: readonly AttackCase[] = [...targets, ...rebinding, ...answers];
