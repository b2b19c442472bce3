/** The audit of several exports at once: their ranges are scanned wherever there is a thread, and joined here. */
import type { Checkpoint } from '../notes/checkpoint.ts';
import type { LedgerResult, PairResult } from './report.ts';
import type { WitnessPolicy } from '../witness/policy.ts';
import type { MatchedLedger } from './claims.ts';
import { checkCosignatures } from './cosigned.ts';
import { LogJoin } from './join.ts';
import { Matcher } from './match.ts';
import { RANGE_ENTRIES, type AuditPlan, type RangeTask } from './range.ts';
import { RangeScanner } from './scan.ts';
import { readLog } from './seen-entry.ts';
import { checkSeen, readSeen } from './seen.ts';
import { scanRanges, type Outcome, type ScanOptions } from './threads/scan-ranges.ts';
import { checkSignature, type LedgerTrust, type TrustedLedger } from './trust.ts';

export interface OpenedLedger extends MatchedLedger {
  readonly note: string;
  readonly trusted: TrustedLedger | undefined;
}

export interface AuditOptions {
  readonly sm3: boolean;
  /** This one included. */
  readonly threads: number;
  readonly knowledge: AuditKnowledge;
  readonly onProgress: (progress: { directory: string; done: number; total: number }) => void;
  /** For tests. */
  readonly tuning: AuditTuning;
}

/** What an auditor knows beside the exports; each piece shows a log that was shortened although it looks whole. */
export interface AuditKnowledge {
  /** Checkpoints (signed notes) that the logs showed before the exports were made. */
  readonly seen?: readonly string[];
  /** None of the exports was made before this time. */
  readonly asOf?: Date;
}

export interface AuditTuning extends Partial<Pick<ScanOptions, 'threadsOnly' | 'worker'>> {
  /** A power of two, at least 256. */
  readonly rangeEntries?: number;
}

export const UNCHECKED = { sm3: 'skipped', anchors: 0, unanchored: 0, cosignedBy: [], quorum: null } as const;
const NO_SM3 = { sm3: 'skipped', anchors: 0, unanchored: 0 } as const;

/** Below so many ranges the work is done before another thread has started. */
const WORTH_THREADS = 4;

interface AuditedLog {
  readonly ledger: OpenedLedger;
  readonly join: LogJoin;
  /** Entries that were joined. */
  done: number;
  problem: string | undefined;
}

export class Audit {
  readonly #options: AuditOptions;
  readonly #logs: readonly AuditedLog[];
  readonly #matcher: Matcher;
  readonly #plan: AuditPlan;
  readonly #scanner: RangeScanner;
  readonly #seen: readonly Checkpoint[];
  readonly #witnesses: WitnessPolicy | undefined;

  constructor(ledgers: readonly OpenedLedger[], trust: LedgerTrust, options: AuditOptions) {
    this.#options = options;
    this.#witnesses = trust.witnesses;
    this.#logs = ledgers.map((ledger) => {
      const { files, size, root } = ledger;
      const join = new LogJoin({ files, size, root: Buffer.from(root, 'hex') });
      return { ledger, join, done: 0, problem: undefined };
    });
    this.#matcher = new Matcher(ledgers, options.knowledge.asOf);
    this.#seen = readSeen(options.knowledge.seen ?? [], trust, ledgers);
    this.#plan = planOf(ledgers, trust, options.sm3);
    this.#scanner = new RangeScanner(this.#plan);
  }

  async run(): Promise<void> {
    const { tuning } = this.#options;
    await scanRanges({
      ...tuning,
      plan: this.#plan,
      scanner: this.#scanner,
      tasks: this.#tasks(),
      onOutcome: (task, outcome) => this.#take(task, outcome),
      threads: this.#countThreads(),
    });
  }

  /** In the order of the ledgers. */
  results(): LedgerResult[] {
    return this.#logs.map((log, place) => this.#resultOf(log, place));
  }

  pairs(): PairResult[] {
    return this.#matcher.finish((ledger) => readLog(ledger.files, ledger.size));
  }

  *#tasks(): Generator<RangeTask> {
    for (const [place, log] of this.#logs.entries()) {
      const { size } = log.ledger;
      for (let start = 0; start < size && !isDone(log); start += this.#rangeEntries) {
        const end = Math.min(size, start + this.#rangeEntries);
        yield { ledger: place, start, end, from: log.done === start ? log.join.state : undefined };
      }
    }
  }

  get #rangeEntries(): number {
    return this.#options.tuning.rangeEntries ?? RANGE_ENTRIES;
  }

  /** Beside this one. */
  #countThreads(): number {
    const { threads, tuning } = this.#options;
    if (tuning.threadsOnly === true) return threads;
    const ranges = this.#logs.reduce(
      (sum, { ledger }) => sum + Math.ceil(ledger.size / this.#rangeEntries),
      0,
    );
    return ranges < WORTH_THREADS ? 0 : Math.max(0, threads - 1);
  }

  #take(task: RangeTask, outcome: Outcome): void {
    const log = this.#logs[task.ledger];
    if (log === undefined || isDone(log)) return;
    try {
      this.#join(log, task, outcome);
    } catch (error) {
      log.problem = messageOf(error);
    }
    const { directory, size } = log.ledger;
    this.#options.onProgress({ directory, done: isDone(log) ? size : log.done, total: size });
  }

  #join(log: AuditedLog, task: RangeTask, outcome: Outcome): void {
    if ('error' in outcome) throw outcome.error;
    const result = outcome.result ?? this.#scanner.scan({ ...task, from: log.join.state });
    if (result === undefined) throw new Error('a range could not be judged');
    log.join.join(result);
    this.#matcher.join(result.claims);
    log.done = task.end;
  }

  #resultOf({ ledger, join, problem }: AuditedLog, place: number): LedgerResult {
    const { directory, origin, member, size, root, note, trusted } = ledger;
    const result = { directory, origin, member, size, root };
    if (problem !== undefined) return { ...result, failures: join.findings.list(), ...UNCHECKED, problem };
    try {
      const { anchors, unanchored } = join.end();
      this.#matcher.ended(place, join.lastEntryAt);
      checkSeen(this.#seen, ledger, join.findings);
      if (trusted === undefined) {
        join.findings.add({ class: 'signature', message: `no trusted key for the log ${origin}` });
      } else {
        checkSignature({ note, lastEntryAt: join.lastEntryAt }, trusted, join.findings);
      }
      const sm3 = this.#options.sm3 ? ({ sm3: 'checked', anchors, unanchored } as const) : NO_SM3;
      const cosigned = checkCosignatures(note, this.#witnesses, join.findings);
      return { ...result, failures: join.findings.list(), ...sm3, ...cosigned };
    } catch (error) {
      return { ...result, failures: join.findings.list(), ...UNCHECKED, problem: messageOf(error) };
    }
  }
}

function planOf(ledgers: readonly OpenedLedger[], trust: LedgerTrust, sm3: boolean): AuditPlan {
  const planned = ledgers.map(({ directory, member, origin, size, root, trusted }) => {
    return { directory, member, origin, size, root, trustedMember: trusted?.member };
  });
  return { ledgers: planned, registryDigests: trust.registryDigests, sm3 };
}

function isDone({ join, problem }: AuditedLog): boolean {
  return problem !== undefined || join.isStopped;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
