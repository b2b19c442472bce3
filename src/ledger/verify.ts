/** Offline audit of exported ledgers: trusts the given keys and nothing else. */
import { availableParallelism } from 'node:os';
import { isGatewayError } from '../core/errors.ts';
import { Audit, UNCHECKED, type AuditKnowledge, type AuditTuning, type OpenedLedger } from './audit/audit.ts';
import { ExportFiles } from './audit/export-files.ts';
import type { LedgerReport, LedgerResult } from './audit/report.ts';
import type { LedgerTrust } from './audit/trust.ts';
import { readCheckpoint } from './notes/checkpoint.ts';

export type { Failure, FailureClass, LedgerReport, LedgerResult, PairResult } from './audit/report.ts';
export type { AuditKnowledge } from './audit/audit.ts';
export type { LedgerTrust, TrustedKey, TrustedLedger } from './audit/trust.ts';

export interface VerifyProgress {
  readonly directory: string;
  readonly done: number;
  readonly total: number;
}

export interface VerifyOptions extends AuditKnowledge {
  /** Default true: recompute the SM3 tree, which costs as much as all the rest. */
  readonly sm3?: boolean;
  /** Default: one for each core. 1: no other than this. */
  readonly threads?: number;
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** For tests. */
  readonly tuning?: AuditTuning;
}

/**
 * Re-hashes every entry of every export, checks chain, pair counters, tiles, root, signature and SM3 anchors, then lays
 * the ledgers side by side. Memory does not grow with the ledgers.
 */
export async function verifyLedgers(
  directories: readonly string[],
  trust: LedgerTrust,
  options: VerifyOptions = {},
): Promise<LedgerReport> {
  const opened = directories.map((directory) => openExport(directory, trust));
  const readable = opened.filter((ledger) => 'files' in ledger);
  const audit = new Audit(readable, trust, {
    sm3: options.sm3 ?? true,
    threads: options.threads ?? availableParallelism(),
    onProgress: (progress) => options.onProgress?.(progress),
    tuning: options.tuning ?? {},
    knowledge: options,
  });
  await audit.run();
  const results = audit.results();
  const ledgers = opened.map((ledger) => ('files' in ledger ? results[readable.indexOf(ledger)] : ledger));
  const pairs = audit.pairs();
  return summary(
    ledgers.filter((result) => result !== undefined),
    pairs,
  );
}

function summary(ledgers: LedgerReport['ledgers'], pairs: LedgerReport['pairs']): LedgerReport {
  const checked = ledgers.every((ledger) => ledger.problem === undefined);
  const isClean = [...ledgers, ...pairs].every((result) => result.failures.length === 0);
  return { ok: checked && isClean, checked, ledgers, pairs };
}

/** Untrusted files. A directory without a readable checkpoint is not a ledger that failed: nothing is known of it. */
function openExport(directory: string, trust: LedgerTrust): OpenedLedger | LedgerResult {
  const files = new ExportFiles(directory);
  try {
    const note = files.checkpoint();
    const { origin, size, root } = readCheckpoint(note);
    const trusted = trust.ledgers.find((ledger) => ledger.origin === origin);
    const member = trusted?.member ?? '';
    return { directory, files, note, trusted, member, origin, size, root: root.toString('hex') };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    // A checkpoint that is there but is none was checked, and failed.
    const isForm = isGatewayError(error, 'ledger.note-invalid');
    const failures = isForm ? [{ class: 'signature', message: problem } as const] : [];
    const result = { directory, origin: '', member: '', size: 0, root: '', failures, ...UNCHECKED };
    return isForm ? result : { ...result, problem };
  }
}
