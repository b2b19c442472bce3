/** Members watch each other's ledgers: our witness for theirs, their cosignatures on ours, and clearance before ours grows. */
import type { GatewayConfig } from '../../config.ts';
import { sha256Hex } from '../../core/digest.ts';
import type { Clock } from '../../core/clock.ts';
import { newId } from '../../core/ids.ts';
import { heldLedgerKeys, vkeysAt } from '../../federation/ledger-keys.ts';
import type { PeerClient } from '../../federation/peers/peer-client.ts';
import type { RegistryKeeper } from '../../federation/registry/registry-keeper.ts';
import type { WitnessKey } from '../../ledger/notes/cosignature.ts';
import type { EntryDraft } from '../../ledger/entry.ts';
import type { LedgerGate } from '../../ledger/gate.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { clearLog } from '../../ledger/witness/clearance.ts';
import { startCollector } from '../../ledger/witness/collector.ts';
import { createWitness, type Witness } from '../../ledger/witness/witness.ts';
import type { ForkEvidence } from '../../ledger/witness/witness-store.ts';
import type { Database } from '../../storage/database.ts';
import { readRoles } from '../processes/roles.ts';
import { askedOf, holdersOf, policyOf } from './witness-peers.ts';

export interface WitnessDeps {
  readonly config: GatewayConfig;
  readonly database: Database;
  readonly ledger: Ledger;
  readonly key: WitnessKey | undefined;
  readonly registry: Pick<RegistryKeeper, 'current' | 'at'>;
  readonly clock: Clock;
  readonly onFork?: (fork: ForkEvidence) => void;
  readonly onSetBack?: (why: string) => void;
}

export interface WitnessingDeps extends Omit<WitnessDeps, 'onFork' | 'onSetBack' | 'registry'> {
  readonly registry: Pick<RegistryKeeper, 'current' | 'at' | 'assertFresh'>;
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
    ...(deps.onSetBack === undefined ? {} : { onSetBack: deps.onSetBack }),
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
  const onSetBack = (why: string): void => {
    gate.quarantine(why);
    logger.error({ why }, 'the ledger is quarantined');
  };
  const witness = witnessFor({ ...deps, onFork, onSetBack });
  return (
    witness && {
      ...witness,
      addCheckpoint: (body) => {
        gate.assertOpen();
        return witness.addCheckpoint(body);
      },
      // While we wait we answer, or members that start together would wait for each other. Once our own database is
      // known to be an old one, no answer of its memory counts towards anybody's clearance.
      latest: (originSha256) => {
        gate.assertWritable();
        return witness.latest(originSha256);
      },
    }
  );
}

/**
 * To be called when the peer plane listens: members that start together ask each other. A process that does not
 * sequence asks nobody: its gate follows those that do.
 */
export function startWatching(deps: WitnessingDeps): Watching {
  const { gate, database, ledger, logger } = deps;
  if (!readRoles(deps.config.roles).has('sequencer')) return { close: () => Promise.resolve() };
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
    witnesses: () => (gate.state === 'open' && isFresh(deps) ? askedOf(deps) : []),
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

/** Members that are stale together refuse each other, and each refusal would be an entry to ask a cosignature for. */
function isFresh({ registry, clock }: Pick<WitnessingDeps, 'registry' | 'clock'>): boolean {
  try {
    registry.assertFresh(clock());
    return true;
  } catch {
    return false;
  }
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
