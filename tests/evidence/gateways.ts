/** A regulator, a police unit and a bank: real databases, ledgers, blob stores and mutual TLS between them. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/core/canonical.ts';
import { receiptHandler } from '../../src/evidence/handing-over/accept-receipt.ts';
import { onwardAnswerHandler } from '../../src/evidence/approvals/answer.ts';
import { onwardRequestHandler } from '../../src/evidence/approvals/ask.ts';
import type { EvidenceDeps } from '../../src/evidence/evidence-deps.ts';
import { startPulls, type Pulls, type PullOptions } from '../../src/evidence/pull.ts';
import { packetOfferHandler } from '../../src/evidence/handing-over/receive.ts';
import { evidenceRequestHandler } from '../../src/evidence/request.ts';
import { createPartServer } from '../../src/evidence/handing-over/serve-parts.ts';
import { startDelivery, type DeliveryWorker } from '../../src/federation/delivery/delivery.ts';
import { createInbox } from '../../src/federation/inbox.ts';
import { enqueue } from '../../src/federation/delivery/outbox.ts';
import { PeerClient } from '../../src/federation/peers/peer-client.ts';
import { rateBuckets } from '../../src/federation/rates/rate-bucket-store.ts';
import { createRateLimiter } from '../../src/federation/rates/rate-limiter.ts';
import { createRefusalLog } from '../../src/federation/refusals.ts';
import type { RegistryKeeper } from '../../src/federation/registry/registry-keeper.ts';
import type { Grant, RegistryBody, RegistryMember } from '../../src/federation/registry/registry-types.ts';
import { createRegistryView, type RegistryView } from '../../src/federation/registry/registry-view.ts';
import { createRegistryServer } from '../../src/federation/registry/peers/serve-registry.ts';
import { createStatusAnswerer } from '../../src/federation/status.ts';
import { openTokenIdStore } from '../../src/federation/tokens/token-store.ts';
import { createPeerServer } from '../../src/http/peer/peer-server.ts';
import { createLedgerKey, readLedgerKey } from '../../src/ledger/notes/note.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { openBlobStore } from '../../src/storage/blob-store.ts';
import { freePort } from '../../src/storage/embedded-postgres.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { importSigningKey } from '../../src/wire/jws.ts';
import { loadSchemas } from '../../src/wire/schema-registry.ts';
import { createTestDatabase } from '../world/database.ts';
import { memberNames, people, type MemberName, type People } from './people.ts';

export const TRANSFERS = 'case-transfer';
export const EVIDENCE = 'evidence-desk';
export const schemas = loadSchemas(new URL('../../schemas/', import.meta.url).pathname);

export interface TestGateway {
  readonly deps: EvidenceDeps;
  readonly client: PeerClient;
  readonly delivery: DeliveryWorker;
  readonly server: Server;
  readonly directory: string;
  pulls: Pulls;
  /** Ends the pull worker and starts another, as a restart would. */
  restartPulls(options?: PullOptions): Promise<void>;
  /** `[kind, code?]` of every entry in the ledger. */
  entries(): Promise<readonly LedgerLine[]>;
}

export interface LedgerLine {
  readonly kind: string;
  readonly code?: string;
  readonly mid?: string;
  readonly counter?: { readonly origin: string; readonly index: number; readonly leaf: string };
  readonly seq: number;
}

export interface World extends Readonly<Record<'regulator' | 'police' | 'bank', TestGateway>> {
  readonly people: People;
  readonly keeper: TestKeeper;
  /** By member, to be the same gateway in another process. */
  readonly plans: readonly GatewayPlan[];
  close(): Promise<void>;
}

/** The registry as a value that a test may replace. */
export interface TestKeeper extends RegistryKeeper {
  view: RegistryView;
}

export interface WorldOptions {
  /** Of the police's blob store. */
  readonly quotaBytes?: number;
  readonly pulls?: PullOptions;
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const crew = await people();
  const ports = await Promise.all(memberNames.map(() => freePort()));
  const ledgerKeys = memberNames.map((id) => createLedgerKey(originOf(id)));
  const vkeys = ledgerKeys.map(({ vkey }) => vkey);
  const body = registryBody(crew, { ports, vkeys });
  const keeper = keeperOf(createRegistryView({ body, sha256: 'ab'.repeat(32) }));
  const plans = await Promise.all(
    memberNames.map(async (id, at): Promise<GatewayPlan> => {
      const created = await createTestDatabase();
      await created.close();
      return {
        id,
        databaseUrl: created.url,
        directory: mkdtempSync(join(tmpdir(), 'lianzheng-evidence-')),
        quotaBytes: (id === 'police-p' ? options.quotaBytes : undefined) ?? 8 * 1024 ** 3,
        port: ports[at]!,
        tls: crew.members[id].tls,
        seal: crew.members[id].seal.privateJwk,
        ledgerKey: ledgerKeys[at]!.privateKey,
      };
    }),
  );
  const [regulator, police, bank] = await Promise.all(
    plans.map((plan) => createGateway(plan, keeper, options)),
  );
  const all = [regulator!, police!, bank!];
  return {
    regulator: regulator!.gateway,
    police: police!.gateway,
    bank: bank!.gateway,
    people: crew,
    keeper,
    plans,
    close: async () => {
      await Promise.all(
        all.map(({ gateway }) => Promise.all([gateway.pulls.close(), gateway.delivery.close()])),
      );
      await Promise.all(all.map((each) => each.close()));
    },
  };
}

/** Waits until offers, pulls and receipts that are under way have arrived. */
export async function settle(world: World): Promise<void> {
  const gateways = [world.regulator, world.police, world.bank];
  for (let round = 0; round < 2; round++) {
    await Promise.all(gateways.map(({ delivery }) => delivery.idle()));
    await Promise.all(gateways.map(({ pulls }) => pulls.idle()));
  }
}

/** All that a process needs to be this gateway. */
export interface GatewayPlan {
  readonly id: MemberName;
  readonly databaseUrl: string;
  readonly directory: string;
  readonly quotaBytes: number;
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string };
  readonly seal: JsonObject;
  readonly ledgerKey: string;
}

/** The part of a gateway that needs no listener: enough to pull. */
export async function openDeps(plan: GatewayPlan, registry: RegistryKeeper, sequencer = true) {
  const { id: member, tls } = plan;
  const database = openDatabase({ url: plan.databaseUrl });
  const clock = (): Date => new Date();
  const key = readLedgerKey(plan.ledgerKey);
  const ledger = await openLedger({ database, member, origin: originOf(member), key, clock, sequencer });
  const { directory, quotaBytes } = plan;
  const blobs = await openBlobStore({ directory, quotaBytes, reserveBytes: 0 });
  const sealKey = await importSigningKey(plan.seal);
  const client = new PeerClient({ registry, member, sealKey, tls, clock, allowPrivateNetworks: true });
  const close = async (): Promise<void> => {
    await client.close();
    await ledger.close();
    await database.close();
  };
  return { database, ledger, registry, sealKey, member, schemas, blobs, clock, client, close };
}

async function createGateway(
  plan: GatewayPlan,
  registry: TestKeeper,
  options: WorldOptions,
): Promise<{ gateway: TestGateway; close(): Promise<void> }> {
  const { close: closeDeps, ...opened } = await openDeps(plan, registry);
  const { database, ledger, sealKey, member, clock, client } = opened;
  const { port, tls, directory } = plan;
  const delivery = startDelivery({
    ...{ member, database, ledger, registry, client, clock },
    disclosedOf: () => Promise.resolve({ disclosures: [], erased: [] }),
  });
  const deps: EvidenceDeps = {
    ...opened,
    enqueue: (tx, message) => enqueue(tx, { member, ledger, registry, clock }, message),
    kickDelivery: () => delivery.kick(),
  };
  const pullDeps = { ...deps, client };
  const handlers = {
    'packet-offer': packetOfferHandler(() => gateway.pulls.kick()),
    'packet-receipt': receiptHandler(deps),
    'evidence-request': evidenceRequestHandler(),
    'onward-request': onwardRequestHandler(),
    'onward-answer': onwardAnswerHandler(deps),
  };
  const refusals = createRefusalLog({ member, ledger, registry, clock });
  const tokenIds = openTokenIdStore({ database, clock });
  const server = createPeerServer({
    ...{ member, tls, registry, sealKey, schemas, ledger, database, clock, refusals, tokenIds },
    authority: `127.0.0.1:${port}`,
    messages: createInbox({ member, database, ledger, registry, schemas, clock, handlers }),
    status: createStatusAnswerer({ member, database, ledger, registry, clock }),
    parts: createPartServer(deps),
    registryServer: createRegistryServer(registry, () => undefined),
    ledgerSource: databaseSource(database),
    heldTokens: () => Promise.resolve([]),
    pairEntries: () => Promise.resolve([]),
    mayAudit: () => false,
    rates: createRateLimiter({ buckets: rateBuckets(database) }),
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const gateway: TestGateway = {
    deps,
    client,
    delivery,
    server,
    directory,
    pulls: startPulls(pullDeps, options.pulls),
    restartPulls: async (next = options.pulls) => {
      await gateway.pulls.close();
      gateway.pulls = startPulls(pullDeps, next);
    },
    entries: async () => {
      const { rows } = await database.query<{ body: string }>('SELECT body FROM ledger_entry ORDER BY seq');
      return rows.map(({ body }) => JSON.parse(body) as LedgerLine);
    },
  };
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await refusals.close();
    await tokenIds.close();
    await closeDeps();
    rmSync(directory, { recursive: true, force: true });
  };
  return { gateway, close };
}

function originOf(member: string): string {
  return `test.example/${member}/log`;
}

export function keeperOf(view: RegistryView): TestKeeper {
  const keeper: TestKeeper = {
    view,
    current: () => keeper.view,
    at: (serial) => (serial === keeper.view.serial ? keeper.view : undefined),
    documents: () => [],
    assertFresh: () => undefined,
    freshUntil: () => undefined,
    onChange: () => undefined,
    offer: () => Promise.resolve('known'),
    offerFreshness: () => Promise.resolve(),
    document: () => undefined,
    freshness: () => undefined,
    raise: () => Promise.resolve(),
    refresh: () => Promise.resolve(),
    close: () => undefined,
  };
  return keeper;
}

export function withRegistry(view: RegistryView, change: Partial<RegistryBody>): RegistryView {
  return createRegistryView({ body: { ...view.body, ...change }, sha256: view.sha256 });
}

function registryBody(
  crew: People,
  { ports, vkeys }: { readonly ports: readonly number[]; readonly vkeys: readonly string[] },
): RegistryBody {
  const operator = { kid: 'o', alg: 'Ed25519' } as const;
  const members = memberNames.map((id, at) =>
    registryMember(crew, id, { port: ports[at]!, vkey: vkeys[at]! }),
  );
  return {
    alliance: 'test',
    serial: 1,
    prev: '0'.repeat(64),
    issuedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2036-01-01T00:00:00.000Z',
    operators: { threshold: 1, keys: [operator] },
    freshnessKey: operator,
    cas: [crew.ca.certPem],
    members,
    groups: [
      { id: TRANSFERS, name: '案件移送组', compartment: 'REG', members: ['regulator-r', 'police-p'] },
      { id: EVIDENCE, name: '证据调取组', compartment: 'POLICE', members: ['bank-a', 'police-p'] },
    ],
    grants: [
      grant('g-transfer', TRANSFERS, {
        who: { roles: ['regulator', 'police'] },
        may: ['transfer'],
        kinds: ['packet-offer', 'packet-receipt', 'onward-request', 'onward-answer'],
        purposes: ['CRIMINAL_TRANSFER'],
        legalBases: ['Order310-3', 'Order310-5'],
      }),
      grant('g-request', EVIDENCE, {
        who: { roles: ['police'] },
        may: ['request'],
        kinds: ['evidence-request'],
        purposes: ['CRIMINAL_INVESTIGATION'],
        legalBases: ['CPL-54', 'FAFA22-13'],
      }),
      grant('g-response', EVIDENCE, {
        who: { roles: ['institution', 'police'] },
        may: ['transfer'],
        kinds: ['packet-offer', 'packet-receipt', 'onward-request', 'onward-answer'],
        purposes: ['CRIMINAL_INVESTIGATION'],
        legalBases: ['CPL-54', 'FAFA22-13'],
      }),
    ],
    schemas: schemas.ids().map((id) => ({ id, sha256: schemas.digest(id) })),
    witnessPolicy: null,
  };
}

function grant(
  id: string,
  group: string,
  rule: Pick<Grant, 'who' | 'may' | 'kinds' | 'purposes' | 'legalBases'>,
): Grant {
  return { id, group, ...rule, maxGrade: 4, onward: 'same-purpose', notAfter: '2036-01-01T00:00:00.000Z' };
}

const ROLES = { 'regulator-r': 'regulator', 'police-p': 'police', 'bank-a': 'institution' } as const;

function registryMember(
  crew: People,
  id: MemberName,
  { port, vkey }: { readonly port: number; readonly vkey: string },
): RegistryMember {
  const life = { nbf: Math.floor(Date.now() / 1000) - 3600, exp: 4_000_000_000 };
  const { tls, seal } = crew.members[id];
  const signers = Object.values(crew.officers).filter(({ member }) => member === id);
  return {
    id,
    name: id,
    uscc: '91999999MA0TE9T0AN',
    region: '999999',
    level: 'city',
    roles: [ROLES[id]],
    status: 'active',
    gateways: [{ authority: `127.0.0.1:${port}`, certs: [{ x5t: tls.x5t, ...life }] }],
    keys: [{ kid: seal.kid, jwk: seal.publicJwk, alg: 'Ed25519', use: 'seal', ...life }],
    signers: signers.map(({ x5t, roles }) => ({ x5t, roles, ...life })),
    ledger: { origin: originOf(id), vkey },
  };
}
