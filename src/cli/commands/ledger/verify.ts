/** `lianzheng ledger verify`: judges exported ledgers offline, one by one and against each other. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import {
  verifyLedgers,
  type Failure,
  type LedgerReport,
  type LedgerResult,
  type VerifyOptions,
} from '../../../ledger/verify.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { undecided } from '../../failure.ts';
import { startProgress } from '../../terminal/progress.ts';
import { ledgerTrust, readTrust } from '../../trust.ts';

const EXAMPLE = `
Re-hashes every entry; checks hash chain, pair counters, tiles, root, signature and the SM3 anchors; with two or more
ledgers matches what they say about each other. The first bad entry is named with the layer that failed: entry-altered, chain-broken, gap,
tile-mismatch, root-mismatch, signature, key-not-valid-then, peer-disagrees, fork.
A log whose end was cut off looks whole by itself. --seen and --as-of say what you know beside the exports; receipts that the
other ledgers hold from before an export was made are then missed in it (fork).
Exit codes: 0 valid, 1 invalid, 2 could not be checked.

Example:
  lianzheng ledger verify ledgers/bank-a ledgers/police-p --anchors anchors.json
  lianzheng ledger verify ledgers/* --anchors anchors.json --as-of 2026-07-01T08:00:00Z --seen kept/bank-a.checkpoint`;

interface VerifyFlags {
  readonly anchors: string;
  readonly seen?: readonly string[];
  readonly asOf?: Date;
}

export function ledgerVerifyCommand(cli: Cli): Command {
  return new Command('verify')
    .summary('verify exported ledgers offline')
    .description('Trusts nothing but the anchors file; needs no gateway, no database, no network.')
    .argument('<directory...>', 'exports in tlog-tiles layout')
    .requiredOption('--anchors <file>', 'what to trust')
    .option('--threads <number>', 'how many threads; one for each core unless given', readThreads)
    .option('--seen <file...>', 'checkpoints kept from before: each export must extend those of its log')
    .option('--as-of <time>', 'RFC 3339; none of the exports was made before', timeOf)
    .option('--no-sm3', 'leave the SM3 tree out: half the time')
    .addHelpText('after', EXAMPLE)
    .action(
      acting(cli, (directories: readonly string[], options: VerifyFlags) =>
        verify(
          cli,
          directories.map((directory) => resolve(directory)),
          options,
        ),
      ),
    );
}

interface VerifyFlags {
  readonly anchors: string;
  readonly sm3: boolean;
  readonly threads?: number;
  readonly seen?: readonly string[];
  readonly asOf?: Date;
}

function timeOf(text: string): Date {
  const isForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text);
  if (!isForm || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError('expected a time such as 2026-07-01T08:00:00Z');
  }
  return new Date(text);
}

function readThreads(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a number from 1 to 999');
}

async function verify(
  cli: Cli,
  directories: readonly string[],
  { anchors, seen: files = [], ...options }: VerifyFlags,
): Promise<Outcome> {
  const seen = await Promise.all(files.map((file) => readFile(file, 'utf8'))).catch(undecided);
  const trust = ledgerTrust(await readTrust(anchors, cli.hooks.schemas()).catch(undecided));
  const progress = startProgress(cli.terminal, { label: 'verify', unit: 'entries' });
  const onProgress: VerifyOptions['onProgress'] = ({ done, total }) => progress.at(done, total);
  const report = await verifyLedgers(directories, trust, { ...options, seen, onProgress }).catch(undecided);
  progress.end();
  return { exitCode: report.ok ? 0 : report.checked ? 1 : 2, json: report, lines: linesOf(report) };
}

function linesOf({ ok, checked, ledgers, pairs }: LedgerReport): string[] {
  return [
    ...ledgers.flatMap(({ directory, member, size, problem, failures, ...tree }) => [
      `${problem === undefined && failures.length === 0 ? 'ok  ' : 'FAIL'}  ${member || directory}: ${problem ?? `${size} entries, ${anchorsOf(tree)}${witnessesOf(tree)}`}`,
      ...failures.map(failureLine),
    ]),
    ...pairs.flatMap(({ a, b, matched, open, failures }) => [
      `${failures.length === 0 ? 'ok  ' : 'FAIL'}  ${a} and ${b}: ${matched} matched, ${open} open`,
      ...failures.map(failureLine),
    ]),
    ok ? 'valid' : checked ? 'INVALID' : 'could not be checked',
  ];
}

function witnessesOf({ cosignedBy, quorum }: Pick<LedgerResult, 'cosignedBy' | 'quorum'>): string {
  if (quorum === null) return '';
  const names = cosignedBy.length === 0 ? 'nobody' : cosignedBy.join(', ');
  return `, cosigned by ${names}${quorum ? '' : ' (no quorum)'}`;
}

function anchorsOf({
  sm3,
  anchors,
  unanchored,
}: Pick<LedgerResult, 'sm3' | 'anchors' | 'unanchored'>): string {
  return sm3 === 'skipped'
    ? 'SM3 not checked'
    : `${anchors} SM3 anchors, ${unanchored} entries behind the last`;
}

function failureLine({ class: layer, index, member, message }: Failure): string {
  const where = index === undefined ? '' : ` entry ${index}${member === undefined ? '' : ` of ${member}`}`;
  return `      ${layer}${where}: ${message}`;
}
