/** What an audit finds: failures by layer, the first of each layer with its index. */

/** Which part of the proof fails; where several fail at one index, the telling one comes first. */
const CLASSES = [
  'gap',
  'entry-altered',
  'chain-broken',
  'tile-mismatch',
  'root-mismatch',
  'signature',
  'key-not-valid-then',
  'peer-disagrees',
  'fork',
] as const;

export type FailureClass = (typeof CLASSES)[number];

export interface Failure {
  readonly class: FailureClass;
  readonly index?: number;
  /** Whose ledger the index is in, where two are compared. */
  readonly member?: string;
  /** Of `root-mismatch`: the SM3 tree failed, at the anchor with this index; absent it is the SHA-256 tree. */
  readonly tree?: 'sm3';
  readonly message: string;
}

export interface LedgerResult {
  readonly directory: string;
  readonly origin: string;
  readonly member: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** By index, those without one last. */
  readonly failures: readonly Failure[];
  /** Whether the SM3 tree was recomputed. */
  readonly sm3: 'checked' | 'skipped';
  /** SM3 anchors that were compared. */
  readonly anchors: number;
  /** Entries behind the last good anchor: they rest on SHA-256 alone. */
  readonly unanchored: number;
  /** Names of the witnesses whose cosignatures the checkpoint carries. */
  readonly cosignedBy: readonly string[];
  /** Whether they make the alliance's quorum; null where none is asked for. */
  readonly quorum: boolean | null;
  /** Why this directory could not be checked at all. */
  readonly problem?: string;
}

export interface PairResult {
  readonly a: string;
  readonly b: string;
  /** Statements of one ledger that the other confirms. */
  readonly matched: number;
  /** Statements whose counterpart lies beyond what the other exported. */
  readonly open: number;
  readonly failures: readonly Failure[];
}

export interface LedgerReport {
  readonly ok: boolean;
  /** false: something could not be read, so that nothing is said about it. */
  readonly checked: boolean;
  readonly ledgers: readonly LedgerResult[];
  readonly pairs: readonly PairResult[];
}

/** Keeps the first failure of each class and tree, so that memory stays constant on a log that is wrong everywhere. */
export class Findings {
  readonly #first = new Map<string, Failure>();

  add(failure: Failure): void {
    const name = `${failure.class} ${failure.tree ?? ''} ${failure.member ?? ''}`;
    const known = this.#first.get(name);
    if (known === undefined || position(failure) < position(known)) this.#first.set(name, failure);
  }

  list(): Failure[] {
    return [...this.#first.values()].sort(
      (a, b) => position(a) - position(b) || CLASSES.indexOf(a.class) - CLASSES.indexOf(b.class),
    );
  }
}

function position(failure: Failure): number {
  return failure.index ?? Number.MAX_SAFE_INTEGER;
}
