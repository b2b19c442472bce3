/** Bad certificates at a fake server: our client hangs up before a byte of the request has gone out. */
import type { TlsOptions } from 'node:tls';
import { ALLIANCE } from '../../../src/demo/cast.ts';
import { createAuthority } from '../../../src/pki/authority.ts';
import type { AttackCase, Expectation } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import {
  dns,
  ip,
  makeBadCertificate,
  newRsaKey,
  uri,
  type Identity,
  type Wanted,
} from '../bad-certificates.ts';
import { callOut, clientTo, fakeServer } from '../fake-server.ts';
import type { Threat } from '../threats.ts';

const urn = uri(`urn:lianzheng:${ALLIANCE}:police-p:gw1`);
const refused: Expectation = { status: 0, code: 'exchange.target-refused', entries: [] };
const unreachable: Expectation = { status: 0, code: 'exchange.peer-unreachable', entries: [] };
const day = 86_400;
const now = (): number => Math.floor(Date.now() / 1000);

interface Fake {
  readonly wanted?: Partial<Wanted>;
  /** Instead of the alliance's. */
  readonly otherCa?: boolean;
  readonly tls?: TlsOptions | 'plain';
  /** How the registry lists it; `false`: not at all. */
  readonly listed?: { readonly nbf?: number; readonly exp?: number; readonly revoked?: boolean } | false;
  readonly expect?: Expectation;
  readonly threat?: Threat;
}

const server = (
  name: string,
  { threat = 'bad-certificate', expect = refused, ...fake }: Fake,
): AttackCase => ({
  name,
  threat,
  expect,
  victim: ({ gateways }) => gateways['bank-a'],
  attack: async (world) => {
    const identity = await identityOf(world, fake);
    const tls =
      fake.tls === 'plain'
        ? 'plain'
        : { cert: identity.cert, key: identity.key, ciphers: 'DEFAULT@SECLEVEL=0', ...fake.tls };
    const running = await fakeServer(tls);
    try {
      const { listed = {} } = fake;
      const life = {
        nbf: now() - 3600,
        exp: now() + day,
        ...(listed === false ? {} : { nbf: listed.nbf ?? now() - 3600, exp: listed.exp ?? now() + day }),
      };
      const revoked =
        listed !== false && listed.revoked === true
          ? { revoked: { at: new Date().toISOString(), reason: 'compromised' as const } }
          : {};
      const certs = listed === false ? [] : [{ x5t: identity.x5t, ...life, ...revoked }];
      return await callOut(
        clientTo(world, [{ authority: `127.0.0.1:${running.port}`, certs }]),
        running.requests,
      );
    } finally {
      await running.close();
    }
  },
});

async function identityOf(world: AttackWorld, { wanted = {}, otherCa = false }: Fake): Promise<Identity> {
  const issuer = otherCa
    ? await createAuthority({ name: 'another root', alliance: ALLIANCE })
    : world.founded.ca;
  const key = world.identities.sender.key!;
  return makeBadCertificate({
    issuer,
    key,
    names: [urn, dns('localhost'), ip('127.0.0.1')],
    commonName: 'police-p gw1',
    ...wanted,
  });
}

export const serverCertificateCases: readonly AttackCase[] = [
  server('a good certificate: the request goes out, and the unsigned redirect is not followed', {
    threat: 'ssrf',
    expect: { status: 1, code: 'exchange.response-invalid', entries: [], calls: 1 },
  }),
  server('a self-signed certificate', { wanted: { issuer: 'self' }, expect: unreachable }),
  server('a certificate of another CA', { otherCa: true, expect: unreachable }),
  server('an expired certificate', { wanted: { life: [-48, -24] }, expect: unreachable }),
  server('a certificate of tomorrow', { wanted: { life: [24, 48] }, expect: unreachable }),
  server('a certificate for clients only', { wanted: { usage: ['clientAuth'] }, expect: unreachable }),
  server('a certificate signed with SHA-1', { wanted: { digest: 'sha1' }, expect: unreachable }),
  server('a key of 1,024 bits', { wanted: { key: newRsaKey(1024) }, expect: unreachable }),
  server('a server that speaks TLS 1.2 only', {
    tls: { maxVersion: 'TLSv1.2' },
    expect: unreachable,
    threat: 'downgrade',
  }),
  server('a server that speaks no TLS', { tls: 'plain', expect: unreachable, threat: 'downgrade' }),
  server('no host name, only the common name', { wanted: { names: [urn], commonName: '127.0.0.1' } }),
  server('the host name of another', { wanted: { names: [urn, dns('evil.example'), ip('127.0.0.2')] } }),
  server('the address as a DNS name', { wanted: { names: [urn, dns('127.0.0.1')] } }),
  server('a wildcard', { wanted: { names: [urn, dns('*'), dns('*.0.0.1')] } }),
  server('no names at all', { wanted: { names: [] } }),
  server('a good certificate that the registry does not list', { listed: false }),
  server('a revoked certificate', { listed: { revoked: true }, threat: 'revoked-certificate' }),
  server('a certificate whose listing has ended', {
    listed: { exp: now() - 60 },
    threat: 'revoked-certificate',
  }),
  server('a certificate whose listing has not begun', {
    listed: { nbf: now() + 3600 },
    threat: 'revoked-certificate',
  }),
  server("another member's name in a certificate that is listed for the one called", {
    wanted: { names: [uri(`urn:lianzheng:${ALLIANCE}:bank-a:gw1`), ip('127.0.0.1')] },
  }),
  server("another alliance's name in it", {
    wanted: { names: [uri('urn:lianzheng:other-alliance:police-p:gw1'), ip('127.0.0.1')] },
  }),
  server('a certificate that may issue others', { wanted: { ca: true } }),
];
