/** What the experiments of a run gave, promise by promise; read from mocha's report, written into docs/promises.md. */

/** Titles of experiments begin with the promises they put to the test: `[P1 P4] a gateway …`. */
const TAGS = /^\[((?:P\d+ ?)+)\] (.*)$/;

export type State = 'passed' | 'failed' | 'skipped';

/** One line of the report that tests/world/reporter.mjs writes. */
export interface ReportedTest {
  readonly file: string;
  /** Of the suites around it and its own. */
  readonly titles: readonly string[];
  readonly state: State;
  readonly milliseconds: number;
  /** Why it was skipped. */
  readonly reason?: string;
}

export interface Experiment {
  readonly promises: readonly string[];
  readonly title: string;
  readonly file: string;
  readonly state: State;
  readonly milliseconds: number;
  /** Why it was skipped. */
  readonly reason?: string;
}

/** Tests elsewhere that break a promise on purpose too; the full set runs them. */
export const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  'tests/ledger/dba.test.ts': ['P5'],
  'tests/ledger/set-back.test.ts': ['P5'],
  'tests/exchange/bad-input.test.ts': ['P2', 'P3'],
  'tests/exchange/key-rotation.test.ts': ['P8'],
  'tests/exchange/rotation.test.ts': ['P8'],
  'tests/exchange/revocation.test.ts': ['P6'],
  'tests/federation/restart.test.ts': ['P12'],
};

export function experimentsOf(tests: readonly ReportedTest[]): Experiment[] {
  return tests.flatMap(({ file, titles, state, milliseconds, reason }) => {
    const own = titles.at(-1) ?? '';
    const tagged = TAGS.exec(own);
    const promises = tagged?.[1]?.trim().split(' ') ?? ELSEWHERE[file];
    if (promises === undefined) return [];
    const title = [...titles.slice(0, -1), tagged?.[2] ?? own].join(', ');
    return [{ promises, title, file, state, milliseconds, ...(reason === undefined ? {} : { reason }) }];
  });
}

/** Of all tests of a run, whether they try a promise or not. */
export function countsOf(tests: readonly ReportedTest[]): Readonly<Record<State, number>> {
  const count = (state: State): number => tests.filter((test) => test.state === state).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}
