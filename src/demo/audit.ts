/** Step 5 and 6: the auditor fetches and verifies every ledger; then copies are altered and both verifiers must say so. */
import { copyFile, cp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lianzheng } from './processes.ts';
import { until, type Stage } from './stage.ts';

export interface FetchedLedger {
  readonly member: string;
  readonly directory: string;
}

interface LedgerReport {
  readonly ok: boolean;
  readonly ledgers: readonly {
    readonly member: string;
    readonly size: number;
    readonly failures: readonly Failure[];
  }[];
  readonly pairs: readonly {
    readonly a: string;
    readonly b: string;
    readonly matched: number;
    readonly open: number;
  }[];
}

interface Failure {
  readonly class: string;
  readonly index?: number;
  readonly message: string;
}

/** Everything is quiet first: an act under way would stand in one ledger and not yet in the other. */
export async function auditLedgers(stage: Stage): Promise<readonly FetchedLedger[]> {
  const { narrator, alliance } = stage;
  await untilQuiet(stage);
  const auditor = stage.member('auditor-d');
  const fetched: FetchedLedger[] = [];
  for (const { cast } of alliance.members) {
    const directory = join(stage.directory, 'ledgers', cast.id);
    const from = cast.id === auditor.cast.id ? ['export'] : ['fetch', '--member', cast.id];
    await lianzheng(['ledger', ...from, '--config', auditor.configPath, '--out', directory]);
    fetched.push({ member: cast.id, directory });
  }
  const report = await verifyLedgers(
    stage,
    fetched.map(({ directory }) => directory),
  );
  if (!report.ok) throw new Error(`the ledgers do not verify: ${JSON.stringify(report).slice(0, 2000)}`);
  for (const { member, size } of report.ledgers) narrator.say(`${member}: ${size} entries verified`);
  for (const { a, b, matched, open: waiting } of report.pairs) {
    if (matched > 0) narrator.say(`${a} and ${b}: ${matched} acts match on both sides, ${waiting} open`);
  }
  return fetched;
}

/** One byte of the case's bundle, one character of one ledger entry, each in a copy. */
export async function alterCopies(
  stage: Stage,
  bundle: string,
  ledgers: readonly FetchedLedger[],
): Promise<void> {
  const { narrator, alliance } = stage;
  const file = join(stage.directory, 'altered.asice');
  await copyFile(bundle, file);
  await flipByte(file, Math.floor((await stat(file)).size / 2));
  const verified = await lianzheng(['verify', file, '--anchors', alliance.anchorsPath], { expect: [1] });
  narrator.say(`one byte of the bundle altered → ${firstProblem(verified.result)}`);
  await rm(file);

  const victim = ledgers.find(({ member }) => member === 'regulator-r') ?? ledgers[0];
  if (victim === undefined) throw new Error('no ledger was fetched');
  const directory = join(stage.directory, 'altered-ledger');
  await cp(victim.directory, directory, { recursive: true });
  await alterEntry(directory);
  const others = ledgers.filter(({ member }) => member !== victim.member).map((ledger) => ledger.directory);
  const report = await verifyLedgers(stage, [directory, ...others], [1]);
  const failure = report.ledgers.flatMap(({ failures }) => failures)[0];
  if (failure === undefined) throw new Error('the altered ledger verified');
  narrator.say(
    `one row of regulator-r's ledger altered → ${failure.class} at entry ${failure.index ?? '?'}: ${failure.message}`,
  );
  await rm(directory, { recursive: true });
}

async function verifyLedgers(
  stage: Stage,
  directories: readonly string[],
  expect: readonly number[] = [0],
): Promise<LedgerReport> {
  const { result } = await lianzheng(
    ['ledger', 'verify', ...directories, '--anchors', stage.alliance.anchorsPath],
    { expect },
  );
  return result as unknown as LedgerReport;
}

/** No delivery is open and no ledger has grown since the last look. */
export async function untilQuiet(stage: Stage): Promise<void> {
  let before = '';
  await until('the alliance is quiet', async () => {
    const now: string[] = [];
    for (const member of stage.alliance.members) {
      for (const state of ['pending', 'sent']) {
        const { deliveries } = (await stage.get(member, `/v1/deliveries?state=${state}&limit=1`)) as {
          deliveries: unknown[];
        };
        if (deliveries.length > 0) return undefined;
      }
      const health = (await stage.get(member, '/v1/health')) as { ledger?: { size: number } };
      now.push(String(health.ledger?.size));
    }
    const quiet = now.join(' ') === before;
    before = now.join(' ');
    return quiet ? true : undefined;
  });
}

function firstProblem(report: Readonly<Record<string, unknown>> | null): string {
  const checks = (report?.['checks'] ?? []) as readonly {
    ok: boolean;
    code: string;
    message: string;
    path?: string;
  }[];
  const problem = checks.find((check) => !check.ok);
  if (problem === undefined) throw new Error('the altered bundle verified');
  return `${problem.code}${problem.path === undefined ? '' : ` ${problem.path}`}: ${problem.message}`;
}

async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, at);
  } finally {
    await file.close();
  }
}

/** Changes who acted in an entry near the end of the first bundle of entries, keeping its length. */
async function alterEntry(directory: string): Promise<void> {
  const entries = join(directory, 'tile', 'entries');
  const [first] = (await readdir(entries)).sort();
  if (first === undefined) throw new Error('the export has no entries');
  const path = first.endsWith('.p')
    ? join(entries, first, (await readdir(join(entries, first)))[0] ?? '')
    : join(entries, first);
  const bytes = await readFile(path);
  const at = bytes.lastIndexOf('"actor":"') + '"actor":"'.length;
  await writeFile(
    path,
    Buffer.concat([bytes.subarray(0, at), Buffer.of((bytes[at] ?? 0) ^ 1), bytes.subarray(at + 1)]),
  );
}
