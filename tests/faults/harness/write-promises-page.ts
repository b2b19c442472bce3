/** Writes docs/promises.md from a report: promise, experiment, what it gave. `node --import tsx … REPORT SEED full|short`. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { programRoot } from '../../../src/config.ts';
import { promisesPage, type AttackReport } from './promises-page.ts';
import { experimentsOf, type ReportedTest } from './results.ts';

const [report = '', seed = 'none', set = 'full'] = process.argv.slice(2);
const tests = JSON.parse(readFileSync(report, 'utf8')) as readonly ReportedTest[];
const page = promisesPage({
  experiments: experimentsOf(tests),
  seed,
  set,
  date: commitDate(),
  attacks: attacks(),
});
const path = join(programRoot, 'docs', 'promises.md');
writeFileSync(path, await format(page, { parser: 'markdown', printWidth: 110 }));
process.stdout.write(`${path} is written from ${tests.length} tests\n`);

/** Of the commit that was tested: the page names no machine and no time of day. */
function commitDate(): string {
  const args = ['-C', programRoot, 'log', '-1', '--format=%cs'];
  return execFileSync('git', args, { encoding: 'utf8' }).trim();
}

/** The corpus of attacks writes its counts where it is told to. */
function attacks(): AttackReport | undefined {
  const path = join(process.env['LIANZHENG_REPORT_DIR'] ?? '', 'attacks.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as AttackReport) : undefined;
}
