/** Asks one witness to cosign a checkpoint of ours; whatever it answers is untrusted. */
import { GatewayError } from '../../core/errors.ts';
import type { Database } from '../../storage/database.ts';
import { readLatest, readNodes } from '../entry-store.ts';
import { cosignaturesOf, type Cosignature } from '../notes/cosignature.ts';
import { parseNote } from '../notes/note.ts';
import { known } from '../sequence/settled.ts';
import { consistencyPlan, resolvePlan } from '../tree/proof.ts';
import { readConflict, writeAddCheckpoint } from './add-checkpoint.ts';
import { contradiction } from './clearance.ts';

export interface AskedWitness {
  readonly name: string;
  readonly vkey: string;
  /** Sends an add-checkpoint request; rejects when the witness cannot be reached. */
  readonly post: (body: string, signal: AbortSignal) => Promise<{ status: number; body: string }>;
  /** The note of ours that it cosigned last, undefined when it never did; rejects when it cannot be reached. */
  readonly latest: (signal: AbortSignal) => Promise<string | undefined>;
}

/** A witness that holds what our log does not extend: our log was set back, or is not the only one. */
export interface Contradiction {
  readonly witness: string;
  readonly why: string;
  /** The checkpoint that it holds, signed by our key. */
  readonly note: string;
}

/** A 409 names the size to prove from; more than a few in a row is no protocol. */
const MAX_TRIES = 3;
/** 9999-12-31T23:59:59Z. */
const LATEST_SECONDS = 253_402_300_799;

export interface LatestCheckpoint {
  readonly size: number;
  readonly note: string;
}

export interface Asking {
  readonly database: Database;
  readonly origin: string;
  /** Keys that our log signed with, the present one included. */
  readonly vkeys: () => readonly string[];
  readonly onContradiction: (contradiction: Contradiction) => void;
  readonly witness: AskedWitness;
  readonly signal: AbortSignal;
}

/** One add-checkpoint exchange, retried from the size that a 409 names. Throws what the witness did wrong. */
export async function cosign(asking: Asking, latest: LatestCheckpoint, first: number): Promise<Cosignature> {
  const { witness, signal } = asking;
  let old = first;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const proof = await consistency(asking.database, old, latest.size);
    const body = writeAddCheckpoint({ old, proof, checkpoint: latest.note });
    const answer = await witness.post(body, signal);
    if (answer.status === 200) return cosignatureIn(answer.body, witness, latest.note);
    if (answer.status === 422)
      throw await refusal(asking, `refuses our checkpoint: ${shortened(answer.body)}`);
    const size = answer.status === 409 ? readConflict(answer.body) : undefined;
    if (size === undefined) {
      throw new GatewayError(
        'exchange.peer-unreachable',
        `witness ${witness.name} answered ${answer.status}`,
      );
    }
    // Another process of this gateway may have shown it a checkpoint made since.
    if (size > ((await readLatest(asking.database))?.size ?? 0)) {
      throw await refusal(asking, `says it cosigned size ${size}, we have ${latest.size}`);
    }
    if (size > latest.size)
      throw new GatewayError('ledger.unavailable', 'a newer checkpoint is being cosigned');
    old = size;
  }
  throw new GatewayError('exchange.peer-unreachable', `witness ${witness.name} keeps answering 409`);
}

/**
 * A status or a number is a witness's word and proves nothing: one liar could stop every member. What counts is a
 * checkpoint that our own key signed and our database does not extend, and a witness that is right has one to show.
 */
async function refusal(asking: Asking, word: string): Promise<GatewayError> {
  const { witness, signal, onContradiction } = asking;
  const note = await witness.latest(signal);
  const why = note === undefined ? undefined : await contradiction(asking, note);
  if (note !== undefined && why !== undefined) onContradiction({ witness: witness.name, why, note });
  const proof = why === undefined ? 'and shows nothing that contradicts it' : `and ${why}`;
  return new GatewayError('ledger.proof-invalid', `witness ${witness.name} ${word} ${proof}`);
}

/** Untrusted text on its way into the log. */
function shortened(text: string): string {
  return JSON.stringify(text.trim().slice(0, 200));
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
  if (found.seconds > LATEST_SECONDS) {
    throw new GatewayError('ledger.proof-invalid', `witness ${witness.name} cosigned at no date`);
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
