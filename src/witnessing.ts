/** Members watch each other's ledgers: our witness for theirs, their cosignatures on ours, and clearance before ours grows. */
import type { GatewayConfig } from './config.ts';
import { sha256Hex } from './core/digest.ts';
import type { Clock } from './core/clock.ts';
import { newId } from './core/ids.ts';
import { heldLedgerKeys, vkeysAt } from './federation/ledger-keys.ts';
import { offersIn } from './federation/held-offers.ts';
import type { PeerClient } from './federation/peer-client.ts';
import type { RegistryKeeper } from './federation/registry-keeper.ts';
import type { WitnessKey } from './ledger/cosignature.ts';
import type { EntryDraft } from './ledger/entry.ts';
import type { LedgerGate } from './ledger/gate.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { AskedWitness } from './ledger/witness/ask-witness.ts';
import { clearLog, type Holding, type Remembering } from './ledger/witness/clearance.ts';
import { startCollector } from './ledger/witness/collector.ts';
import { NO_WITNESSES, readPolicy, type WitnessPolicy } from './ledger/witness/policy.ts';
import { createWitness, type Witness } from './ledger/witness/witness.ts';
import type { ForkEvidence } from './ledger/witness/witness-store.ts';
import type { Database } from './storage/database.ts';
import { parseStrictJson } from './wire/strict-json.ts';

/** Bytes; a note or 16 tokens, several times over. */
const MAX_ANSWER = 256 * 1024;

export interface WitnessDeps {
  readonly config: GatewayConfig;
  readonly database: Database;
  readonly ledger: Ledger;
  readonly key: WitnessKey | undefined;
  readonly registry: Pick<RegistryKeeper, 'current' | 'at'>;
  readonly clock: Clock;
  readonly onFork?: (fork: ForkEvidence) => void;
}

export interface WitnessingDeps extends Omit<WitnessDeps, 'onFork'> {
  readonly gate: LedgerGate;
  readonly peers: Pick<PeerClient, 'get' | 'post'>;
  readonly logger: {
    warn(facts: object, message: string): void;
    error(facts: object, message: string): void;
  };
}

export interface Watching {
  close(): Promise<void>;
}

/** Undefined without a witness key. */
export function witnessFor(deps: WitnessDeps): Witness | undefined {
  const { key, registry, database, clock, config } = deps;
  if (key === undefined) return undefined;
  return createWitness({
    database,
    key,
    clock,
    vkeysOf: (origin) => {
      const member = registry.current().body.members.find(({ ledger }) => ledger.origin === origin);
      if (member === undefined || member.id === config.member) return undefined;
      return vkeysAt(heldLedgerKeys(registry, origin), clock());
    },
    onFork: async (tx, fork) => {
      deps.onFork?.(fork);
      await deps.ledger.append(tx, forkEntry(deps, fork));
    },
  });
}

/** The same for the peer plane: it cosigns nothing while our own database is in doubt, its memory would be too. */
export function witnessOf(deps: WitnessingDeps): Witness | undefined {
  const { gate, logger } = deps;
  const onFork = ({ origin, known, shown }: ForkEvidence): void =>
    logger.error({ origin, known, shown }, 'a ledger forked');
  const witness = witnessFor({ ...deps, onFork });
  return (
    witness && {
      ...witness,
      addCheckpoint: (body) => {
        gate.assertOpen();
        return witness.addCheckpoint(body);
      },
    }
  );
}

/** To be called when the peer plane listens: members that start together ask each other. */
export function startWatching(deps: WitnessingDeps): Watching {
  const { gate, database, ledger, logger } = deps;
  const stopping = new AbortController();
  const failed = reportChanges(logger);
  // What a witness remembers may be signed by any key that we ever had.
  const vkeys = (): readonly string[] => [
    ...new Set([...heldLedgerKeys(deps.registry, ledger.origin).map(({ vkey }) => vkey), ledger.vkey]),
  ];
  const cleared = clearLog({
    database,
    gate,
    origin: ledger.origin,
    vkeys,
    policy: () => policyOf(deps),
    witnesses: () => askedOf(deps),
    peers: () => holdersOf(deps),
    ownWitness: deps.registry.current().member(deps.config.member)?.ledger.witnessVkey,
    onAsked: failed,
    signal: stopping.signal,
  }).then(
    () => {
      if (gate.state === 'quarantined') logger.error({ reason: gate.reason }, 'the ledger is quarantined');
    },
    (error: unknown) =>
      logger.error({ err: error }, 'the ledger stays closed: its witnesses cannot be asked'),
  );
  const collector = startCollector({
    database,
    witnesses: () => (gate.state === 'open' ? askedOf(deps) : []),
    origin: ledger.origin,
    vkeys,
    onContradiction: ({ witness, why, note }) => {
      gate.quarantine(`witness ${witness} ${why}`);
      logger.error({ witness, why, note }, 'the ledger is quarantined');
    },
    onAsked: failed,
    onError: (error) => logger.error({ err: error }, 'collecting cosignatures failed'),
  });
  return {
    close: async () => {
      stopping.abort();
      await Promise.all([cleared, collector.close()]);
    },
  };
}

/** A witness that stays away is told of once, not every second. */
function reportChanges(logger: WitnessingDeps['logger']): (witness: string, error?: unknown) => void {
  const told = new Map<string, string>();
  return (witness, error) => {
    const why = error === undefined ? '' : error instanceof Error ? error.message : 'it failed';
    if ((told.get(witness) ?? '') === why) return;
    told.set(witness, why);
    if (why === '') logger.warn({ witness }, 'the witness answers again');
    else logger.warn({ witness, why }, 'a witness could not be asked');
  };
}

export function policyOf({ registry }: Pick<WitnessingDeps, 'registry'>): WitnessPolicy {
  const { witnessPolicy } = registry.current().body;
  return witnessPolicy === null ? NO_WITNESSES : readPolicy(witnessPolicy);
}

/** The policy's witnesses that are active members other than ourselves; strangers' are verified but not asked. */
function askedOf(deps: WitnessingDeps): (AskedWitness & Remembering)[] {
  const { registry, peers, config, ledger } = deps;
  const { members } = registry.current().body;
  const path = `/witness/${sha256Hex(ledger.origin)}/checkpoint`;
  return policyOf(deps).witnesses.flatMap(({ name, vkey }) => {
    const member = members.find((one) => one.ledger.witnessVkey === vkey && one.status === 'active');
    if (member === undefined || member.id === config.member) return [];
    return {
      name,
      vkey,
      post: async (body, signal) => {
        const request = { body: Buffer.from(body), signal, maxBytes: MAX_ANSWER };
        return textOf(await peers.post(member.id, '/witness/add-checkpoint', request));
      },
      latest: async (signal) => {
        const { status, body } = textOf(await peers.get(member.id, path, { signal, maxBytes: MAX_ANSWER }));
        if (status === 200) return body;
        if (status === 404) return undefined;
        throw new Error(`witness ${name} answered ${status}`);
      },
    };
  });
}

function holdersOf({ registry, peers, config }: WitnessingDeps): Holding[] {
  const view = registry.current();
  const others = view.body.members.filter(({ id, status }) => id !== config.member && status === 'active');
  return others.map(({ id }) => ({
    name: id,
    shown: async (signal) => {
      const limits = { signal, maxBytes: MAX_ANSWER };
      const { status, body } = await peers.get(id, '/witness/receipts', limits);
      const { tokens } = (status === 200 ? parseStrictJson(body) : {}) as { readonly tokens?: unknown };
      return offersIn(Array.isArray(tokens) ? tokens : [], config.member, view);
    },
  }));
}

function textOf({ status, body }: { readonly status: number; readonly body: Buffer }) {
  return { status, body: body.toString('utf8') };
}

export function forkEntry(
  { config, registry, clock }: Pick<WitnessDeps, 'config' | 'registry' | 'clock'>,
  fork: ForkEvidence,
): EntryDraft {
  const view = registry.current();
  const peer = view.body.members.find(({ ledger }) => ledger.origin === fork.origin)?.id;
  return {
    id: newId(),
    at: clock().toISOString(),
    kind: 'ledger.fork',
    member: config.member,
    ...(peer === undefined ? {} : { peer }),
    basis: [],
    registry: { serial: view.serial, sha256: view.sha256 },
    subject: { type: 'fork', id: fork.origin, sha256: sha256Hex(`${fork.known}\n${fork.shown}`) },
    actor: 'gateway',
  };
}
