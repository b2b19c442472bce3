/** Asks witnesses for cosignatures of our newest checkpoint, in the background: nobody waits for a witness. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from '../../core/errors.ts';
import type { Database } from '../../storage/database.ts';
import { readLatest, readNodes } from '../entry-store.ts';
import { cosignaturesOf, type Cosignature } from '../cosignature.ts';
import { parseNote } from '../note.ts';
import { known } from '../sequence/settled.ts';
import { consistencyPlan, resolvePlan } from '../tree/proof.ts';
import { readConflict, writeAddCheckpoint } from './add-checkpoint.ts';
import { insertCosignature, latestCosigned } from './cosignature-store.ts';

export interface AskedWitness {
  readonly name: string;
  readonly vkey: string;
  /** Sends an add-checkpoint request; rejects when the witness cannot be reached. */
  readonly post: (body: string, signal: AbortSignal) => Promise<{ status: number; body: string }>;
}

/** A witness that holds what our log does not extend: our log was set back, or is not the only one. */
export interface Contradiction {
  readonly witness: string;
  readonly why: string;
}

export interface CollectorOptions {
  readonly database: Database;
  /** Read anew each round: the registry may have changed. */
  readonly witnesses: () => readonly AskedWitness[];
  readonly onContradiction: (contradiction: Contradiction) => void;
  /** What a witness failed with; undefined when it cosigned. */
  readonly onAsked: (witness: string, error?: unknown) => void;
  readonly onError: (error: unknown) => void;
  /** Default 1 s. */
  readonly intervalMs?: number;
}

export interface Collector {
  /** One round now; resolves when each witness has answered or failed. */
  collect(): Promise<void>;
  close(): Promise<void>;
}

const INTERVAL_MS = 1000;
const ANSWER_MS = 10_000;
/** A 409 names the size to prove from; more than a few in a row is no protocol. */
const MAX_TRIES = 3;

export function startCollector(options: CollectorOptions): Collector {
  const closing = new AbortController();
  const cosigned = new Map<string, number>();
  const collect = async (): Promise<void> => {
    const latest = await readLatest(options.database);
    if (latest === undefined || latest.size === 0) return;
    const due = options.witnesses().filter(({ vkey }) => (cosigned.get(vkey) ?? 0) < latest.size);
    await Promise.all(due.map((witness) => ask(witness, latest)));
  };

  const ask = async (witness: AskedWitness, latest: LatestCheckpoint): Promise<void> => {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(ANSWER_MS)]);
    try {
      const old = cosigned.get(witness.vkey) ?? 0;
      const found = await cosign({ ...options, witness, signal }, latest, old);
      cosigned.set(witness.vkey, latest.size);
      const cosignedAt = new Date(found.seconds * 1000);
      const { vkey, line } = found;
      await insertCosignature(options.database, { size: latest.size, vkey, line, cosignedAt });
      options.onAsked(witness.name);
    } catch (error) {
      if (!closing.signal.aborted) options.onAsked(witness.name, error);
    }
  };

  const loop = async (): Promise<void> => {
    for (const [vkey, size] of await latestCosigned(options.database)) cosigned.set(vkey, size);
    while (!closing.signal.aborted) {
      await collect().catch(options.onError);
      await sleep(options.intervalMs ?? INTERVAL_MS, undefined, { signal: closing.signal }).catch(
        () => undefined,
      );
    }
  };
  const ended = loop().catch(options.onError);
  return {
    collect,
    close: async () => {
      closing.abort();
      await ended;
    },
  };
}

interface LatestCheckpoint {
  readonly size: number;
  readonly note: string;
}

interface Asking {
  readonly database: Database;
  readonly witness: AskedWitness;
  readonly signal: AbortSignal;
  readonly onContradiction: (contradiction: Contradiction) => void;
}

async function cosign(asking: Asking, latest: LatestCheckpoint, first: number): Promise<Cosignature> {
  const { witness, signal } = asking;
  let old = first;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const proof = await consistency(asking.database, old, latest.size);
    const body = writeAddCheckpoint({ old, proof, checkpoint: latest.note });
    const answer = await witness.post(body, signal);
    if (answer.status === 200) return cosignatureIn(answer.body, witness, latest.note);
    if (answer.status === 422) throw contradicted(asking, answer.body.trim());
    const size = answer.status === 409 ? readConflict(answer.body) : undefined;
    if (size === undefined) {
      throw new GatewayError(
        'exchange.peer-unreachable',
        `witness ${witness.name} answered ${answer.status}`,
      );
    }
    // Another process of this gateway may have shown it a checkpoint made since.
    if (size > ((await readLatest(asking.database))?.size ?? 0)) {
      throw contradicted(asking, `it cosigned size ${size}, we have ${latest.size}`);
    }
    if (size > latest.size)
      throw new GatewayError('ledger.unavailable', 'a newer checkpoint is being cosigned');
    old = size;
  }
  throw new GatewayError('exchange.peer-unreachable', `witness ${witness.name} keeps answering 409`);
}

function contradicted({ witness, onContradiction }: Asking, why: string): GatewayError {
  onContradiction({ witness: witness.name, why });
  return new GatewayError('ledger.proof-invalid', `witness ${witness.name} refuses our checkpoint: ${why}`);
}

/** Untrusted lines. */
function cosignatureIn(lines: string, witness: AskedWitness, note: string): Cosignature {
  const [found] = cosignaturesOf(`${parseNote(note).text}\n${lines}`, [witness.vkey]);
  if (found === undefined) {
    throw new GatewayError(
      'ledger.proof-invalid',
      `witness ${witness.name} answered without its cosignature`,
    );
  }
  return found;
}

/** PROOF(old, D[size]) of our own log; empty from nothing to something. */
export async function consistency(database: Database, old: number, size: number): Promise<readonly Buffer[]> {
  if (old === 0 || old >= size) return [];
  const plan = consistencyPlan(old, size);
  const nodes = await readNodes(database, plan.flat());
  return resolvePlan(plan, (subtree) => known(nodes, subtree));
}
