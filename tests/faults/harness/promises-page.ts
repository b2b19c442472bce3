/** The text of docs/promises.md. */
import { PROMISES, REMARKS, type PromiseId } from './promises.ts';
import type { Experiment } from './results.ts';

/** Of the attack corpus: cases by threat. */
export interface AttackReport {
  readonly cases: number;
  readonly passed: number;
  readonly pending: number;
  readonly byThreat: Readonly<Record<string, unknown>>;
}

/** Of one whole run. */
export interface PageParts {
  readonly experiments: readonly Experiment[];
  /** Every test that ran, those that try no promise included. */
  readonly counts: Readonly<Record<Experiment['state'], number>>;
  readonly seed: string;
  /** On which it ended, `2026-11-25`. */
  readonly date: string;
  readonly minutes: number;
  readonly cores: number;
  readonly attacks: AttackReport | undefined;
}

export function promisesPage(parts: PageParts): string {
  const { experiments, attacks } = parts;
  const promises = Object.keys(PROMISES) as PromiseId[];
  return [
    '# What is promised, and how it was broken on purpose',
    '',
    'Written by `npm run test:faults`, which runs every experiment below; nobody edits this page. An experiment breaks something',
    '(a process, a wire, a disk, a clock, a database), heals it, waits until all is quiet and then checks every invariant:',
    'what was accepted is there once and on both sides, what ended otherwise says why, nothing was invented, files have their',
    'digests, and the ledgers of all members verify whole and confirm each other. CONTRIBUTING.md tells how the harness works.',
    '',
    headline(parts),
    '',
    '| promise | what it says | experiments | result |',
    '| --- | --- | --- | --- |',
    ...promises.map((promise) => row(promise, experiments)),
    ...attackLines(attacks),
    ...promises.flatMap((promise) => section(promise, experiments)),
    '',
  ].join('\n');
}

function headline({ counts, seed, date, minutes, cores }: PageParts): string {
  const { passed, failed, skipped } = counts;
  return [
    `The full set in one run, ${date}, ${cores} cores, about ${minutes} minutes: ${passed} passed, ${failed} failed,`,
    `${skipped} skipped, seed ${seed}. Its schedules run again with \`LIANZHENG_SEED=${seed} npm run test:faults\`.`,
  ].join('\n');
}

function row(promise: PromiseId, experiments: readonly Experiment[]): string {
  const own = experiments.filter(({ promises }) => promises.includes(promise));
  const count = (state: Experiment['state']): number => own.filter((one) => one.state === state).length;
  const results = (['passed', 'failed', 'skipped'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`);
  const remark = REMARKS[promise];
  const result = (results.join(', ') || 'no experiment') + (remark === undefined ? '' : ` (${remark})`);
  return `| ${promise} | ${PROMISES[promise]} | ${own.length} | ${result} |`;
}

function attackLines(attacks: AttackReport | undefined): string[] {
  if (attacks === undefined) return [];
  const threats = Object.keys(attacks.byThreat).length;
  return [
    '',
    `The corpus of attacks (P3): ${attacks.passed} of ${attacks.cases} cases refused, ${attacks.pending} not tried yet, ${threats} threats.`,
  ];
}

function section(promise: string, experiments: readonly Experiment[]): string[] {
  const own = experiments.filter(({ promises }) => promises.includes(promise));
  const lines = own.map(
    ({ title, state, milliseconds, file, reason }) =>
      `| ${escaped(title)} | ${reason === undefined ? state : `${state}: ${reason}`} | ${durationOf(milliseconds)} | ${file} |`,
  );
  return [
    '',
    `## ${promise}`,
    '',
    '| experiment | result | took | where |',
    '| --- | --- | --- | --- |',
    ...lines,
  ];
}

/** Classes, so that a page changes only when something has changed. */
function durationOf(milliseconds: number): string {
  if (milliseconds === 0) return '';
  const seconds = milliseconds / 1000;
  const most = [1, 10, 60, 600].find((limit) => seconds < limit);
  return most === undefined ? 'longer' : `< ${most} s`;
}

function escaped(title: string): string {
  return title.replaceAll('|', '\\|');
}
