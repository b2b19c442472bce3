/** Two real gateways, bank-a and regulator-r, and the identities with which a forged request can come. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programSchemas } from '../../src/config.ts';
import type { Clock } from '../../src/core/clock.ts';
import { ALLIANCE } from '../../src/demo/cast.ts';
import type { Gateway } from '../../src/gateway.ts';
import { createAuthority, type Authority } from '../../src/pki/authority.ts';
import { issueCertificate } from '../../src/pki/issue.ts';
import { createRequest } from '../../src/pki/request.ts';
import { x5t } from '../../src/pki/thumbprint.ts';
import type { OfferPosition } from '../../src/wire/exchange-token.ts';
import { importSigningKey, type SigningKey } from '../../src/wire/jws.ts';
import type { SchemaRegistry } from '../../src/wire/schema-registry.ts';
import { openTestAlliance, type TestAlliance, type TestAllianceOptions } from '../world/alliance.ts';

/** What a client shows in the handshake; `none` has no certificate. */
export interface Identity {
  readonly cert?: string;
  readonly key?: string;
  readonly x5t: string;
}

export type IdentityName = 'sender' | 'receiver' | 'unlisted' | 'foreign' | 'none';

export interface WireWorld {
  readonly alliance: TestAlliance;
  /** Whose requests are forged. */
  readonly sender: Gateway;
  /** Who must refuse them. */
  readonly receiver: Gateway;
  readonly identities: Readonly<Record<IdentityName, Identity>>;
  readonly keys: Readonly<Record<'sender' | 'receiver', SigningKey>>;
  readonly ca: string;
  readonly schemas: SchemaRegistry;
  /** A real entry of the sender's ledger. */
  readonly offer: OfferPosition;
  /** Where the receiver's ledger is exported, again and again. */
  readonly exportDirectory: string;
  readonly clock: Clock;
  /** Moves all clocks to the start of the next minute: refusals are counted by the minute. */
  nextMinute(): void;
  close(): Promise<void>;
}

const [SENDER, RECEIVER] = ['bank-a', 'regulator-r'];

export async function openWireWorld(): Promise<WireWorld> {
  const time = adjustableClock();
  const options: TestAllianceOptions = { members: [SENDER, RECEIVER], clock: time.clock };
  const alliance = await openTestAlliance(options);
  const [sender, receiver] = [alliance.gateway(SENDER), alliance.gateway(RECEIVER)];
  const exportDirectory = await mkdtemp(join(tmpdir(), 'lianzheng-export-'));
  return {
    alliance,
    sender,
    receiver,
    identities: await identitiesOf(alliance),
    keys: { sender: await sealKeyOf(sender), receiver: await sealKeyOf(receiver) },
    ca: alliance.founded.ca.certPem,
    schemas: programSchemas(),
    offer: await firstEntry(sender),
    exportDirectory,
    ...time,
    close: async () => {
      await alliance.close();
      await rm(exportDirectory, { recursive: true, force: true });
    },
  };
}

function adjustableClock(): Pick<WireWorld, 'clock' | 'nextMinute'> {
  let ahead = 0;
  const clock = (): Date => new Date(Date.now() + ahead);
  return { clock, nextMinute: () => void (ahead += 60_100 - (clock().getTime() % 60_000)) };
}

export async function sealKeyOf({ config }: Gateway): Promise<SigningKey> {
  return importSigningKey(JSON.parse(await readFile(config.keys.seal, 'utf8')) as never);
}

/** An entry that the gateway has anyway: its adoption of the registry. */
export async function firstEntry({ ledger, database }: Gateway): Promise<OfferPosition> {
  const { size, root } = await ledger.latest();
  const { rows } = await database.query<{ leaf: string }>(
    `SELECT encode(leaf, 'hex') AS leaf FROM ledger_entry WHERE seq = 0`,
  );
  return { origin: ledger.origin, index: 0, leaf: rows[0]?.leaf ?? '', size, root };
}

export async function identityOf({ config }: Gateway): Promise<Identity & { cert: string; key: string }> {
  const [cert, key] = await Promise.all([
    readFile(config.keys.tlsCert, 'utf8'),
    readFile(config.keys.tlsKey, 'utf8'),
  ]);
  return { cert, key, x5t: x5t(cert) };
}

async function identitiesOf(alliance: TestAlliance): Promise<WireWorld['identities']> {
  const sender = await identityOf(alliance.gateway(SENDER));
  const issue = (ca: Authority): Identity => {
    const cert = issueCertificate({
      ca,
      csrPem: createRequest('gateway', { commonName: `${SENDER} gw2` }, sender.key),
      profile: 'gateway',
      names: {
        uri: `urn:lianzheng:${ALLIANCE}:${SENDER}:gw2`,
        dns: ['localhost'],
        ip: ['127.0.0.1'],
      },
      nbf: new Date(Date.now() - 60_000),
      exp: new Date(Date.now() + 86_400_000),
    });
    return { cert, key: sender.key, x5t: x5t(cert) };
  };
  return {
    sender,
    receiver: await identityOf(alliance.gateway(RECEIVER)),
    unlisted: issue(alliance.founded.ca),
    foreign: issue(await createAuthority({ name: 'another root', alliance: ALLIANCE })),
    none: { x5t: randomBytes(32).toString('base64url') },
  };
}
