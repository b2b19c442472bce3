/** Writes docs/promises.md from the reports of one whole run. `node --import tsx … DIRECTORY SEED MINUTES`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { programRoot } from '../../../src/config.ts';
import { promisesPage, type AttackReport } from './promises-page.ts';
import { countsOf, experimentsOf, type ReportedTest } from './results.ts';

const [directory = '', seed = 'none', minutes = '0'] = process.argv.slice(2);
const tests = JSON.parse(readFileSync(join(directory, 'faults.json'), 'utf8')) as readonly ReportedTest[];
const page = promisesPage({
  experiments: experimentsOf(tests),
  counts: countsOf(tests),
  seed,
  date: new Date().toISOString().slice(0, 10),
  minutes: Number(minutes),
  cores: availableParallelism(),
  attacks: attacks(),
});
const path = join(programRoot, 'docs', 'promises.md');
writeFileSync(path, await format(page, { parser: 'markdown', printWidth: 110 }));
process.stdout.write(`${path} is written from ${tests.length} tests\n`);

/** The corpus of attacks writes its counts where it is told to. */
function attacks(): AttackReport | undefined {
  const report = join(directory, 'attacks.json');
  return existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as AttackReport) : undefined;
}
