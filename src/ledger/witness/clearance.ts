/**
 * Anti-rollback: before a log grows again, others say what they last saw of it. A database restored from a backup
 * lacks what they hold, and whatever it then signed would be a second history.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../storage/database.ts';
import { readLatest, readNodes } from '../entry-store.ts';
import { readCheckpoint } from '../notes/checkpoint.ts';
import type { EntryRef } from '../entry.ts';
import type { LedgerGate } from '../gate.ts';
import { verifyNote } from '../notes/note.ts';
import { known, subtreeName } from '../sequence/settled.ts';
import { foldSubtrees, perfectSubtrees } from '../tree/merkle.ts';
import type { WitnessPolicy } from './policy.ts';

export interface Remembering {
  readonly name: string;
  readonly vkey: string;
  /** The note of ours that it cosigned last, undefined when it never did; rejects when it cannot be reached. */
  readonly latest: (signal: AbortSignal) => Promise<string | undefined>;
}

/** A peer that holds statements of ours about our own ledger. */
export interface Holding {
  readonly name: string;
  /** Entries that we have shown it, as we signed; rejects when it cannot be reached. */
  readonly shown: (signal: AbortSignal) => Promise<readonly Required<EntryRef>[]>;
}

export interface ClearanceOptions {
  readonly database: Database;
  readonly gate: LedgerGate;
  readonly origin: string;
  /** Keys that our log signed with, the present one included; read anew, because a key may be rotated meanwhile. */
  readonly vkeys: () => readonly string[];
  /** Read anew each round: the registry may have changed. */
  readonly policy: () => WitnessPolicy;
  readonly witnesses: () => readonly Remembering[];
  /** Each heard once, while we wait: what happened after the last cosignature only they can tell. */
  readonly peers: () => readonly Holding[];
  /** Ours never cosigns our own log, so it has nothing to say. */
  readonly ownWitness: string | undefined;
  /** What a witness failed with; undefined when it answered. */
  readonly onAsked: (witness: string, error?: unknown) => void;
  readonly signal: AbortSignal;
  /** Default 1 s. */
  readonly retryMs?: number;
}

const ANSWER_MS = 5000;
const RETRY_MS = 1000;

/**
 * Opens the gate when the witnesses that have not answered could not make a quorum: whatever quorum ever cosigned then
 * shares a witness with those that answered. Quarantines at the first contradiction. Resolves when either is done.
 */
export async function clearLog(options: ClearanceOptions): Promise<void> {
  const { gate, signal } = options;
  const answered = new Set<string>(options.ownWitness === undefined ? [] : [options.ownWitness]);
  const heard = new Set<string>();
  const hearPeers = async (): Promise<void> => {
    const unheard = options.peers().filter(({ name }) => !heard.has(name));
    await Promise.all(unheard.map((peer) => hearPeer(options, peer, heard)));
  };
  await hearPeers();
  while (gate.state === 'waiting' && !signal.aborted) {
    const silent = missing(options.policy(), answered);
    if (silent.length === 0) return gate.open();
    const asked = options.witnesses().filter(({ vkey }) => !answered.has(vkey));
    await Promise.all([hearPeers(), ...asked.map((witness) => hear(options, witness, answered))]);
    const left = missing(options.policy(), answered);
    if (left.length === 0) return gate.open();
    gate.wait(`waiting until witnesses confirm our ledger; no answer from ${left.join(', ')}`);
    await sleep(options.retryMs ?? RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Names of the silent witnesses while they could make a quorum on their own. */
function missing(policy: WitnessPolicy, answered: ReadonlySet<string>): readonly string[] {
  if (policy.isQuorum(new Set())) return [];
  const silent = policy.witnesses.filter(({ vkey }) => !answered.has(vkey));
  return policy.isQuorum(new Set(silent.map(({ vkey }) => vkey))) ? silent.map(({ name }) => name) : [];
}

async function hear(options: ClearanceOptions, witness: Remembering, answered: Set<string>): Promise<void> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(ANSWER_MS)]);
  try {
    const note = await witness.latest(signal);
    const problem = note === undefined ? undefined : await contradiction(options, note);
    if (problem !== undefined) options.gate.quarantine(`witness ${witness.name} ${problem}`);
    answered.add(witness.vkey);
    options.onAsked(witness.name);
  } catch (error) {
    if (!options.signal.aborted) options.onAsked(witness.name, error);
  }
}

async function hearPeer(options: ClearanceOptions, peer: Holding, heard: Set<string>): Promise<void> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(ANSWER_MS)]);
  try {
    for (const shown of await peer.shown(signal)) {
      const problem = await denial(options, shown);
      if (problem !== undefined) options.gate.quarantine(`${peer.name} ${problem}`);
    }
    heard.add(peer.name);
  } catch (error) {
    if (!options.signal.aborted) options.onAsked(peer.name, error);
  }
}

/** Why our database cannot be what we once showed. */
async function denial(
  { database, origin }: Pick<ClearanceOptions, 'database' | 'origin'>,
  shown: Required<EntryRef>,
): Promise<string | undefined> {
  if (shown.origin !== origin) return undefined;
  const size = (await readLatest(database))?.size ?? 0;
  if (shown.size > size) return `was shown ${shown.size} entries of ours, this database has ${size}`;
  const leaf = (await readNodes(database, [{ level: 0, index: shown.index }])).get(`0/${shown.index}`);
  const root = await rootAt(database, shown.size);
  return leaf?.toString('hex') === shown.leaf && root?.toString('hex') === shown.root
    ? undefined
    : `was shown another entry ${shown.index} of ours than this database has`;
}

/** Untrusted `note`. One that our key did not sign proves nothing, and counts as no answer: this throws. */
export async function contradiction(
  { database, origin, vkeys }: Pick<ClearanceOptions, 'database' | 'origin' | 'vkeys'>,
  note: string,
): Promise<string | undefined> {
  verifyNote(note, vkeys());
  const seen = readCheckpoint(note);
  if (seen.origin !== origin) return undefined;
  const size = (await readLatest(database))?.size ?? 0;
  if (seen.size > size) return `holds our checkpoint of ${seen.size} entries, this database has ${size}`;
  const root = await rootAt(database, seen.size);
  return root?.equals(seen.root) === true
    ? undefined
    : `holds our checkpoint of ${seen.size} entries with another root than this database`;
}

/** Undefined when a node of the tree is missing. A database that does not answer throws: it contradicts nobody. */
async function rootAt(database: Database, size: number): Promise<Buffer | undefined> {
  const subtrees = perfectSubtrees(0, size);
  const nodes = await readNodes(database, subtrees);
  if (subtrees.some((subtree) => !nodes.has(subtreeName(subtree)))) return undefined;
  return foldSubtrees(subtrees.map((subtree) => known(nodes, subtree)));
}
