/** Bad certificates at our server: each is listed in the registry where that alone would let it in, and its token is bound to it. */
import { createSecureContext, type ConnectionOptions } from 'node:tls';
import { forge } from '../../exchange/forge.ts';
import { bytesOf } from '../../exchange/send.ts';
import { ACCEPTED, CUT, unsigned, type AttackCase, type Expectation, type Outcome } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import { converse } from '../raw-socket.ts';
import type { Threat } from '../threats.ts';

const WHOLE = /\r\n\r\n[^]+/;
/** The attacker's own library must not be what refuses. */
const WEAK = 'DEFAULT@SECLEVEL=0';

async function shown(world: AttackWorld, name: string): Promise<Outcome> {
  const { cert, key, x5t } = world.stock.certificates[name]!;
  return spoken(world, { cert, key, ciphers: WEAK }, x5t);
}

async function spoken(
  world: AttackWorld,
  tls: ConnectionOptions,
  x5t = world.identities.sender.x5t,
): Promise<Outcome> {
  const one = await forge(world, { claims: { cnf: { 'x5t#S256': x5t } } });
  const talk = await converse(world, [{ bytes: bytesOf(one) }], {
    tls,
    until: WHOLE,
    silentMs: 0,
  }).catch(() => undefined);
  if (talk === undefined || talk.statuses.length === 0) return { status: 0 };
  const [, code] = /"code":"([a-z.-]+)"/.exec(talk.text) ?? [];
  return { status: talk.statuses[0]!, code, signed: /exchange-token:/i.test(talk.text) };
}

const certificate = (
  name: string,
  key: string,
  expect: Expectation,
  threat: Threat = 'bad-certificate',
): AttackCase => ({
  name,
  threat,
  attack: (world) => shown(world, key),
  expect,
});
const unregistered = unsigned('tls.certificate-unregistered');
const past = unsigned('tls.certificate-expired');

const shownCases: readonly AttackCase[] = [
  certificate('a self-signed certificate', 'self-signed', CUT),
  certificate('a certificate of another CA with the same names', 'other-ca', CUT),
  certificate('an expired certificate', 'expired', CUT),
  certificate('a certificate of tomorrow', 'not-yet-valid', CUT),
  certificate('a certificate for servers only', 'server-usage', CUT),
  certificate('a certificate for mail', 'mail-usage', CUT),
  certificate('no names but the common name', 'no-san', unregistered),
  certificate("another member's name", 'other-member', unregistered),
  certificate("another alliance's name", 'other-alliance', unregistered),
  certificate('the name of a member whose name begins the same', 'longer-member', unregistered),
  certificate('the name of the member without a gateway', 'member-alone', unregistered),
  certificate('the name as a DNS name', 'urn-as-dns', unregistered),
  certificate('the name behind a comma in a DNS name', 'comma-in-dns', unregistered),
  certificate('the name in capitals', 'upper-case', unregistered),
  certificate('a certificate that may issue others', 'ca-as-leaf', unregistered),
  certificate('a certificate signed with SHA-1', 'sha1', CUT),
  certificate('a key of 1,024 bits', 'rsa-1024', CUT),
  certificate('a certificate below a CA that the alliance did not allow', 'below-sub-ca', CUT),
  certificate('a certificate whose issuer is missing', 'sub-ca-missing', CUT),
  certificate('a certificate issued by a gateway', 'issued-by-leaf', CUT),
  certificate('a good certificate that nobody listed', 'unregistered', unregistered),
  certificate('the same names with another key', 'same-subject-other-key', unregistered),
  certificate('a certificate that is listed for another member', 'listed-for-another', unregistered),
  certificate('a revoked certificate', 'revoked', past, 'revoked-certificate'),
  certificate('a certificate whose listing has ended', 'registry-expired', past, 'revoked-certificate'),
  certificate('a certificate whose listing has not begun', 'registry-early', past, 'revoked-certificate'),
];

const connection = (
  name: string,
  tls: (world: AttackWorld) => ConnectionOptions,
  expect: Expectation = CUT,
  threat: Threat = 'downgrade',
): AttackCase => ({
  name,
  threat,
  attack: (world) => spoken(world, tls(world)),
  expect,
});
const none = { cert: undefined, key: undefined } as unknown as ConnectionOptions;

const connections: readonly AttackCase[] = [
  connection('no certificate', () => none, CUT, 'bad-certificate'),
  ...(['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const).map((version) =>
    connection(`${version} at most`, () => ({ minVersion: 'TLSv1', maxVersion: version, ciphers: WEAK })),
  ),
  connection('ALPN h2', () => ({ ALPNProtocols: ['h2'] })),
  connection('ALPN acme-tls/1', () => ({ ALPNProtocols: ['acme-tls/1'] })),
  connection('ALPN h2, or http/1.1', () => ({ ALPNProtocols: ['h2', 'http/1.1'] }), ACCEPTED),
  connection(
    'the name of another server',
    () => ({ servername: 'evil.example', checkServerIdentity: () => undefined }),
    ACCEPTED,
  ),
  {
    name: "the receiver's certificate with the sender's key: no library shows it",
    threat: 'bad-certificate',
    attack: ({ identities }) => {
      try {
        createSecureContext({ cert: identities.receiver.cert!, key: identities.sender.key! });
        return Promise.resolve({ status: -1 });
      } catch {
        return Promise.resolve({ status: 0 });
      }
    },
    expect: CUT,
  },
  {
    name: "the receiver's own certificate, shown to the receiver",
    threat: 'stolen-tls-key',
    attack: async (world) => {
      const { cert, key, x5t } = world.identities.receiver;
      return spoken(world, { cert, key }, x5t);
    },
    expect: unsigned('token.key-unknown'),
  },
  {
    name: "a stolen TLS key and the thief's own seal key",
    threat: 'stolen-tls-key',
    attack: async (world) => {
      const { cert, key } = world.identities.sender;
      const police = world.wires.police.keys.sender;
      const one = await forge(world, { header: { kid: police.kid }, tokenKey: police });
      const talk = await converse(world, [{ bytes: bytesOf(one) }], {
        tls: { cert, key },
        until: WHOLE,
        silentMs: 0,
      });
      const [, code] = /"code":"([a-z.-]+)"/.exec(talk.text) ?? [];
      return { status: talk.statuses[0] ?? 0, code, signed: /exchange-token:/i.test(talk.text) };
    },
    expect: unsigned('token.key-unknown'),
  },
  {
    name: "a stolen seal key on the thief's own connection",
    threat: 'stolen-seal-key',
    attack: async (world) => {
      const { cert, key, x5t } = world.wires.police.identities.sender;
      return spoken(world, { cert, key }, x5t);
    },
    expect: unsigned('token.key-unknown'),
  },
];

export const certificateCases: readonly AttackCase[] = [...shownCases, ...connections];
