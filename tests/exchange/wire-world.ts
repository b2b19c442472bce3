/** Two real gateways, bank-a and regulator-r, and the identities with which a forged request can come. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programSchemas, type GatewayConfig } from '../../src/config.ts';
import type { Clock } from '../../src/core/clock.ts';
import { ALLIANCE } from '../../src/demo/cast.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { createAuthority, type Authority } from '../../src/pki/authority.ts';
import { issueCertificate } from '../../src/pki/issue.ts';
import { createRequest } from '../../src/pki/request.ts';
import { x5t } from '../../src/pki/thumbprint.ts';
import type { OfferPosition } from '../../src/wire/exchange-token.ts';
import { importSigningKey, type SigningKey } from '../../src/wire/jws.ts';
import type { SchemaRegistry } from '../../src/wire/schema-registry.ts';
import { openTestAlliance } from '../world/alliance.ts';

/** What a client shows in the handshake; `none` has no certificate. */
export interface Identity {
  readonly cert?: string;
  readonly key?: string;
  readonly x5t: string;
}

export type IdentityName = 'sender' | 'receiver' | 'unlisted' | 'foreign' | 'none';

export interface WireWorld {
  /** Whose requests are forged. */
  readonly sender: Gateway;
  /** Who must refuse them. */
  readonly receiver: Gateway;
  readonly identities: Readonly<Record<Exclude<IdentityName, 'foreign'>, Identity>> & {
    /** Only where a second authority was founded for it: that costs a key. */
    readonly foreign?: Identity;
  };
  readonly keys: Readonly<Record<'sender' | 'receiver', SigningKey>>;
  readonly ca: string;
  readonly schemas: SchemaRegistry;
  /** A real entry of the sender's ledger. */
  readonly offer: OfferPosition;
  /** Where the receiver's ledger is exported, again and again. */
  readonly exportDirectory: string;
  readonly clock: Clock;
  /** Moves all clocks to the start of the next minute: refusals are counted by the minute. */
  readonly nextMinute: () => void;
  close(): Promise<void>;
}

const SENDER = 'bank-a';
const RECEIVER = 'regulator-r';

export async function openWireWorld(change: Partial<GatewayConfig> = {}): Promise<WireWorld> {
  const time = adjustableClock();
  const alliance = await openTestAlliance({ members: [SENDER, RECEIVER], clock: time.clock, change });
  const [sender, receiver] = [alliance.gateway(SENDER), alliance.gateway(RECEIVER)];
  const world = await wireBetween({
    ...{ sender, receiver, time },
    ca: alliance.founded.ca,
    otherCa: await createAuthority({ name: 'another root', alliance: ALLIANCE }),
  });
  const close = async (): Promise<void> => {
    await alliance.close();
    await world.close();
  };
  return { ...world, close };
}

export interface WireParts {
  readonly sender: Gateway;
  readonly receiver: Gateway;
  readonly ca: Authority;
  readonly otherCa?: Authority;
  readonly time: AdjustableTime;
}

/** Between gateways that run already; closing it leaves them running. */
export async function wireBetween(parts: WireParts): Promise<WireWorld> {
  const { sender, receiver, ca, time } = parts;
  const exportDirectory = await mkdtemp(join(tmpdir(), 'lianzheng-export-'));
  return {
    sender,
    receiver,
    identities: await identitiesOf(parts),
    keys: { sender: await sealKeyOf(sender), receiver: await sealKeyOf(receiver) },
    ca: ca.certPem,
    schemas: programSchemas(),
    offer: await firstEntry(sender),
    exportDirectory,
    ...time,
    close: () => rm(exportDirectory, { recursive: true, force: true }),
  };
}

export type AdjustableTime = Pick<WireWorld, 'clock' | 'nextMinute'>;

export function adjustableClock(): AdjustableTime {
  let ahead = 0;
  const clock = (): Date => new Date(Date.now() + ahead);
  return { clock, nextMinute: () => void (ahead += 60_100 - (clock().getTime() % 60_000)) };
}

async function sealKeyOf({ config }: Gateway): Promise<SigningKey> {
  return importSigningKey(JSON.parse(await readFile(config.keys.seal, 'utf8')) as never);
}

/** An entry that the gateway has anyway: its adoption of the registry. */
async function firstEntry({ ledger, database }: Gateway): Promise<OfferPosition> {
  const { size, root } = await ledger.latest();
  const { rows } = await database.query<{ leaf: string }>(
    `SELECT encode(leaf, 'hex') AS leaf FROM ledger_entry WHERE seq = 0`,
  );
  return { origin: ledger.origin, index: 0, leaf: rows[0]?.leaf ?? '', size, root };
}

async function identityOf({ config }: Gateway): Promise<Identity & { cert: string; key: string }> {
  const [cert, key] = await Promise.all([
    readFile(config.keys.tlsCert, 'utf8'),
    readFile(config.keys.tlsKey, 'utf8'),
  ]);
  return { cert, key, x5t: x5t(cert) };
}

async function identitiesOf({
  sender: from,
  receiver: to,
  ca,
  otherCa,
}: WireParts): Promise<WireWorld['identities']> {
  const sender = await identityOf(from);
  const { member } = from.config;
  const issue = (by: Authority): Identity => {
    const cert = issueCertificate({
      ca: by,
      csrPem: createRequest('gateway', { commonName: `${member} gw2` }, sender.key),
      profile: 'gateway',
      names: { uri: `urn:lianzheng:${ALLIANCE}:${member}:gw2`, dns: ['localhost'], ip: ['127.0.0.1'] },
      nbf: new Date(Date.now() - 60_000),
      exp: new Date(Date.now() + 86_400_000),
    });
    return { cert, key: sender.key, x5t: x5t(cert) };
  };
  return {
    sender,
    receiver: await identityOf(to),
    unlisted: issue(ca),
    ...(otherCa === undefined ? {} : { foreign: issue(otherCa) }),
    none: { x5t: randomBytes(32).toString('base64url') },
  };
}
