/** A witness (c2sp.org/tlog-witness): cosigns what extends the log it saw before, and nothing else, ever. */
import { seconds, type Clock } from '../../core/clock.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { Database, Queryable } from '../../storage/database.ts';
import { readCheckpoint, type Checkpoint } from '../notes/checkpoint.ts';
import type { WitnessKey } from '../notes/cosignature.ts';
import { readVkey } from '../notes/note-key.ts';
import { parseNote, verifyNote } from '../notes/note.ts';
import { EMPTY_ROOT } from '../tree/merkle.ts';
import { verifyConsistency } from '../tree/proof.ts';
import {
  conflict,
  cosigned,
  readAddCheckpoint,
  refused,
  type AddCheckpoint,
  type WitnessAnswer,
} from './add-checkpoint.ts';
import { createTurns } from './turns.ts';
import {
  insertFork,
  lockWitnessed,
  readWitnessedNote,
  updateWitnessed,
  type ForkEvidence,
  type WitnessedLog,
} from './witness-store.ts';

export interface WitnessOptions {
  readonly database: Database;
  readonly key: WitnessKey;
  readonly clock: Clock;
  /** The log's keys as registered; undefined for a log that is nobody's. */
  readonly vkeysOf: (origin: string) => readonly string[] | undefined;
  /** In the transaction that keeps the evidence: the ledger entry that tells of it. */
  readonly onFork: (tx: Queryable, fork: ForkEvidence) => Promise<void>;
  /** The database forgot what this witness cosigned. */
  readonly onSetBack?: (why: string) => void;
}

export interface Witness {
  readonly vkey: string;
  /** Untrusted `body`. What it answers 200 is durable before it answers. */
  addCheckpoint(body: string): Promise<WitnessAnswer>;
  /** The latest note that was cosigned of the log with this SHA-256 of its origin, hex. */
  latest(originSha256: string): Promise<string | undefined>;
}

export function createWitness(options: WitnessOptions): Witness {
  const { database } = options;
  const inTurn = createTurns();
  /** What this process cosigned: a database that knows less was set back under it, by a restore or a fail-over. */
  const cosignedHere = new Map<string, number>();
  return {
    vkey: options.key.vkey,
    addCheckpoint: async (body) => {
      const request = readRequest(body);
      if ('status' in request) return request;
      const vkeys = options.vkeysOf(request.claim.origin);
      if (vkeys === undefined) return refused(404, `unknown log ${request.claim.origin}`);
      if (!isSigned(request.checkpoint, vkeys)) return refused(403, 'no registered key of the log signed');
      if (request.old > request.claim.size) return refused(400, 'old size is beyond the checkpoint');
      const { origin, size } = request.claim;
      return inTurn(origin, async () => {
        const trusted = { ...request, vkeys, atLeast: cosignedHere.get(origin) ?? 0 };
        const answer = await database.transaction((tx) => decide(tx, options, trusted), { durable: true });
        if (answer.status === 200) cosignedHere.set(origin, size);
        return answer;
      });
    },
    latest: (originSha256) => readWitnessedNote(database, originSha256),
  };
}

interface Request extends AddCheckpoint {
  readonly claim: Checkpoint;
}

interface TrustedRequest extends Request {
  /** The log's registered keys; one of them signed. */
  readonly vkeys: readonly string[];
  /** Size that our memory of the log must have. */
  readonly atLeast: number;
}

function readRequest(body: string): Request | WitnessAnswer {
  try {
    const request = readAddCheckpoint(body);
    return { ...request, claim: readCheckpoint(request.checkpoint) };
  } catch (error) {
    if (isGatewayError(error, 'ledger.note-invalid')) return refused(400, error.message);
    throw error;
  }
}

function isSigned(note: string, vkeys: readonly string[]): boolean {
  try {
    verifyNote(note, vkeys);
    return true;
  } catch (error) {
    if (isGatewayError(error, 'ledger.proof-invalid')) return false;
    throw error;
  }
}

/** The specification's order; the log's row is locked, so that no two requests see the same latest size. */
async function decide(
  tx: Queryable,
  options: WitnessOptions,
  request: TrustedRequest,
): Promise<WitnessAnswer> {
  const { claim, old, proof } = request;
  const latest = await lockWitnessed(tx, claim.origin);
  if (latest.size < request.atLeast) throw setBack(options, latest, request.atLeast);
  await keepFork(tx, options, { latest, request });
  if (old !== latest.size) return conflict(latest.size);
  if (claim.size === 0 && !claim.root.equals(EMPTY_ROOT))
    return refused(422, 'root of the empty tree is false');
  if (old === claim.size && latest.note !== '' && !claim.root.equals(latest.root)) {
    return refused(422, `another root was cosigned for size ${old}`);
  }
  if (!extendsLatest(latest, claim, proof)) return refused(422, 'the consistency proof does not hold');
  const line = options.key.cosign(parseNote(request.checkpoint).text, seconds(options.clock()));
  const note = `${signedByLog(request)}${line}\n`;
  await updateWitnessed(
    tx,
    { origin: claim.origin, size: claim.size, root: claim.root, note },
    options.clock(),
  );
  return cosigned([line]);
}

function extendsLatest(latest: WitnessedLog, claim: Checkpoint, proof: readonly Buffer[]): boolean {
  if (latest.size === 0 || latest.size === claim.size) return proof.length === 0;
  const [size1, size2] = [latest.size, claim.size];
  return verifyConsistency({ size1, size2, root1: latest.root, root2: claim.root, proof });
}

function setBack(options: WitnessOptions, { origin, size }: WitnessedLog, cosigned: number): GatewayError {
  const why = `our witness cosigned ${cosigned} entries of ${origin}, this database remembers ${size}`;
  options.onSetBack?.(why);
  return new GatewayError('ledger.quarantined', why);
}

/** One size, two roots, both signed: the log lied to somebody. */
async function keepFork(
  tx: Queryable,
  options: WitnessOptions,
  { latest, request }: { readonly latest: WitnessedLog; readonly request: Request },
): Promise<void> {
  const { claim, checkpoint } = request;
  if (latest.note === '' || claim.size !== latest.size || claim.root.equals(latest.root)) return;
  const fork = { origin: claim.origin, known: latest.note, shown: checkpoint, foundAt: options.clock() };
  if (await insertFork(tx, fork)) await options.onFork(tx, fork);
}

/** What we hand on is what we checked: a line of a key that is not registered now may be anything. */
function signedByLog({ checkpoint, vkeys }: TrustedRequest): string {
  const { text, signatures } = parseNote(checkpoint);
  const keys = vkeys.map((vkey) => readVkey(vkey, 'log'));
  const lines = checkpoint.slice(text.length + 1).split('\n');
  const checked = lines.filter((_, i) =>
    keys.some(({ name, keyId }) => signatures[i]?.name === name && signatures[i].keyId === keyId),
  );
  return `${text}\n${[...new Set(checked)].map((line) => `${line}\n`).join('')}`;
}
