/** The text of docs/promises.md. */
import { PROMISES } from './promises.ts';
import type { Experiment } from './results.ts';

/** Of the attack corpus: cases by threat. */
export interface AttackReport {
  readonly cases: number;
  readonly passed: number;
  readonly byThreat: Readonly<Record<string, unknown>>;
}

export interface PageParts {
  readonly experiments: readonly Experiment[];
  readonly seed: string;
  /** `full` or `short`: what the short set leaves out counts as skipped. */
  readonly set: string;
  /** Of the commit, `2026-11-25`. */
  readonly date: string;
  readonly attacks: AttackReport | undefined;
}

export function promisesPage({ experiments, seed, set, date, attacks }: PageParts): string {
  const states = Object.keys(PROMISES).map((promise) => row(promise, experiments));
  return [
    '# What is promised, and how it was broken on purpose',
    '',
    'Written by `npm run test:faults`, which runs every experiment below; nobody edits this page. An experiment breaks something',
    '(a process, a wire, a disk, a clock, a database), heals it, waits until all is quiet and then checks every invariant:',
    'what was accepted is there once and on both sides, what ended otherwise says why, nothing was invented, files have their',
    'digests, and the ledgers of all members verify whole and confirm each other. CONTRIBUTING.md tells how the harness works.',
    '',
    `The ${set} set, commit of ${date}, seed ${seed}. A schedule is run again with \`LIANZHENG_SEED=${seed} npm run test:faults\`.`,
    '',
    '| promise | what it says | experiments | result |',
    '| --- | --- | --- | --- |',
    ...states,
    ...attackLines(attacks),
    ...Object.keys(PROMISES).flatMap((promise) => section(promise, experiments)),
    '',
  ].join('\n');
}

function row(promise: string, experiments: readonly Experiment[]): string {
  const own = experiments.filter(({ promises }) => promises.includes(promise));
  const count = (state: Experiment['state']): number => own.filter((one) => one.state === state).length;
  const results = (['passed', 'failed', 'skipped'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`);
  const words = PROMISES[promise as keyof typeof PROMISES];
  return `| ${promise} | ${words} | ${own.length} | ${results.join(', ') || 'no experiment'} |`;
}

function attackLines(attacks: AttackReport | undefined): string[] {
  if (attacks === undefined) return [];
  const threats = Object.keys(attacks.byThreat).length;
  return [
    '',
    `The corpus of attacks (P3): ${attacks.passed} of ${attacks.cases} cases refused, ${threats} threats.`,
  ];
}

function section(promise: string, experiments: readonly Experiment[]): string[] {
  const own = experiments.filter(({ promises }) => promises.includes(promise));
  const lines = own.map(
    ({ title, state, milliseconds, file }) =>
      `| ${escaped(title)} | ${state} | ${durationOf(milliseconds)} | ${file} |`,
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
