/** Offline audit of exported ledgers: trusts the given keys and nothing else. */
import { isGatewayError } from '../core/errors.ts';
import { ExportFiles } from './audit/export-files.ts';
import { Matcher, type MatchedLedger } from './audit/match.ts';
import { Findings, type LedgerReport, type LedgerResult } from './audit/report.ts';
import { readLog, scanLog } from './audit/scan.ts';
import { checkSeen, readSeen } from './audit/seen.ts';
import { checkSignature, type LedgerTrust, type TrustedLedger } from './audit/trust.ts';
import { readCheckpoint, type Checkpoint } from './checkpoint.ts';

export type { Failure, FailureClass, LedgerReport, LedgerResult, PairResult } from './audit/report.ts';
export type { LedgerTrust, TrustedKey, TrustedLedger } from './audit/trust.ts';

export interface VerifyProgress {
  readonly directory: string;
  readonly done: number;
  readonly total: number;
}

/** What an auditor knows beside the exports; each piece shows a log that was shortened although it looks whole. */
export interface AuditKnowledge {
  /** Checkpoints (signed notes) that the logs showed before the exports were made. */
  readonly seen?: readonly string[];
  /** None of the exports was made before this time. */
  readonly asOf?: Date;
}

/**
 * Re-hashes every entry of every export, checks chain, pair counters, tiles, root and signature, then lays the ledgers
 * side by side. Memory does not grow with the ledgers. Throws when something in `knowledge.seen` is no evidence (audit/seen.ts).
 */
export async function verifyLedgers(
  directories: readonly string[],
  trust: LedgerTrust,
  onProgress?: (progress: VerifyProgress) => void,
  knowledge: AuditKnowledge = {},
): Promise<LedgerReport> {
  const opened = directories.map((directory) => openExport(directory, trust));
  const readable = opened.filter((ledger) => 'files' in ledger);
  const matcher = new Matcher(readable, knowledge.asOf);
  const seen = readSeen(knowledge.seen ?? [], trust, readable);
  const ledgers: LedgerResult[] = [];
  for (const ledger of opened) {
    const isReadable = 'files' in ledger;
    ledgers.push(isReadable ? await verifyOne({ ledger, trust, matcher, seen, onProgress }) : ledger);
  }
  const pairs = matcher.finish((ledger) => readLog(ledger.files, ledger.size));
  const checked = ledgers.every((ledger) => ledger.problem === undefined);
  const isClean = [...ledgers, ...pairs].every((result) => result.failures.length === 0);
  return { ok: checked && isClean, checked, ledgers, pairs };
}

interface OpenedLedger extends MatchedLedger {
  readonly note: string;
  readonly trusted: TrustedLedger | undefined;
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
    const result = { directory, origin: '', member: '', size: 0, root: '', failures };
    return isForm ? result : { ...result, problem };
  }
}

interface VerifyOne {
  readonly ledger: OpenedLedger;
  readonly trust: LedgerTrust;
  readonly matcher: Matcher;
  readonly seen: readonly Checkpoint[];
  readonly onProgress: ((progress: VerifyProgress) => void) | undefined;
}

async function verifyOne({ ledger, trust, matcher, seen, onProgress }: VerifyOne): Promise<LedgerResult> {
  const { directory, origin, member, size, root, files } = ledger;
  const findings = new Findings();
  const result = { directory, origin, member, size, root };
  try {
    const lastEntryAt = await scanLog({
      files,
      size,
      root: Buffer.from(root, 'hex'),
      rules: { member: ledger.trusted?.member, registryDigests: trust.registryDigests },
      findings,
      onEntry: (entry) => matcher.see(ledger, entry),
      onProgress: (done) => onProgress?.({ directory, done, total: size }),
    });
    matcher.ended(ledger, lastEntryAt);
    checkSeen(seen, ledger, findings);
    if (ledger.trusted !== undefined) {
      checkSignature({ note: ledger.note, lastEntryAt }, ledger.trusted, findings);
    } else {
      findings.add({ class: 'signature', message: `no trusted key for the log ${origin}` });
    }
    return { ...result, failures: findings.list() };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ...result, failures: findings.list(), problem };
  }
}
