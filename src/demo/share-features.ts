/** Step 1 and 2: an institution pushes features to the group; the other screens applicants; the police have the same. */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createReadStream, createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { programRoot } from '../config.ts';
import { FEATURE_GROUP } from './cast.ts';
import { lianzheng } from './processes.ts';
import { until, type Stage } from './stage.ts';

const SAMPLES = join(programRoot, 'samples');
/** Public list of scam domains; used when it stands beside the checkout, never copied into it. */
const PUBLIC_DOMAINS = join(programRoot, '..', 'shared', 'data', 'scam-domains.txt');
const SHARING = ['--group', FEATURE_GROUP, '--purpose', 'RISK_PREVENTION', '--basis', 'PIPL-13'];

export async function pushFeatures(stage: Stage): Promise<void> {
  const { narrator } = stage;
  const bank = stage.member('bank-a');
  const files = (await readdir(join(SAMPLES, 'features'))).filter((name) => name.endsWith('.ndjson')).sort();
  let accepted = 0;
  const all = join(stage.directory, 'ten-cases.ndjson');
  await concatenate(
    files.map((name) => join(SAMPLES, 'features', name)),
    all,
  );
  accepted += await push(stage, all, `the ten cases (${files.length} files)`);
  if (existsSync(PUBLIC_DOMAINS)) {
    const domains = join(stage.directory, 'scam-domains.ndjson');
    await domainsAsNdjson(PUBLIC_DOMAINS, domains);
    accepted += await push(stage, domains, 'public scam domains');
  } else {
    narrator.say('no list of scam domains beside the checkout: only the ten cases');
  }
  await until('all members have the features', () => everyoneHas(stage, accepted));
  narrator.say(
    `insurer-b, regulator-r and police-p hold the same ${accepted.toLocaleString('en')} features as ${bank.cast.id}`,
  );
}

export async function screenApplicants(stage: Stage): Promise<void> {
  const { narrator } = stage;
  const { result } = await lianzheng(
    [
      'screen',
      join(SAMPLES, 'applicants.json'),
      '--group',
      FEATURE_GROUP,
      '--purpose',
      'RISK_PREVENTION',
      '--case',
      'DEMO-LOAN-1',
    ],
    { as: stage.member('insurer-b') },
  );
  const results = (result?.['results'] ?? []) as readonly Screened[];
  for (const { ref, outcome, reasons } of results) {
    narrator.say(`${outcome.padEnd(6)} ${ref}${reasons[0] === undefined ? '' : `: ${reasons[0].zh}`}`);
  }
  for (const outcome of ['block', 'review', 'pass']) {
    if (!results.some((one) => one.outcome === outcome)) throw new Error(`no applicant got ${outcome}`);
  }
}

interface Screened {
  readonly ref: string;
  readonly outcome: string;
  readonly reasons: readonly { readonly zh: string }[];
}

async function push(stage: Stage, file: string, what: string): Promise<number> {
  // 1: some lines were refused, which the report names; the rest went through.
  const { result } = await lianzheng(['features', 'push', file, ...SHARING], {
    as: stage.member('bank-a'),
    expect: [0, 1],
  });
  const report = result as {
    accepted?: number;
    duplicates?: number;
    refusedCount?: number;
    batches?: number;
  } | null;
  if (report?.accepted === undefined || report.accepted === 0)
    throw new Error(`${basename(file)}: nothing was accepted`);
  const { accepted, duplicates = 0, refusedCount = 0, batches = 0 } = report;
  stage.narrator.say(
    `bank-a pushed ${what}: ${accepted.toLocaleString('en')} features in ${batches} signed batches (${duplicates} known, ${refusedCount} lines refused)`,
  );
  return accepted;
}

/** Health answers nobody's content; the list's count does, page by page, so we ask for what the member's own API shows. */
async function everyoneHas(stage: Stage, count: number): Promise<true | undefined> {
  for (const id of ['insurer-b', 'regulator-r', 'police-p']) {
    if ((await countFeatures(stage, id)) !== count) return undefined;
  }
  return true;
}

async function countFeatures(stage: Stage, id: string): Promise<number> {
  let count = 0;
  let after = '';
  for (;;) {
    const page = (await stage.get(
      stage.member(id),
      `/v1/groups/${FEATURE_GROUP}/features?limit=1000${after}`,
    )) as {
      features: readonly unknown[];
      next?: string;
    };
    count += page.features.length;
    if (page.next === undefined) return count;
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}

async function domainsAsNdjson(source: string, target: string): Promise<void> {
  const out = createWriteStream(target);
  for await (const domain of createInterface({ input: createReadStream(source) })) {
    if (domain === '') continue;
    const line = `${JSON.stringify({ type: 'domain', value: domain, confidence: 90, source: 'public scam blocklist' })}\n`;
    if (!out.write(line)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

async function concatenate(files: readonly string[], target: string): Promise<void> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  await writeFile(target, texts.join(''));
}
