/** `npm run bench -- exchange|push|verify|parts|ledger|slow-sockets|noisy [--json]`: each against its baseline in the same run. */
import { cpus } from 'node:os';
import { benchExchange } from './exchange.ts';
import { benchNoisy } from './hostile/noisy.ts';
import { benchSlowSockets } from './hostile/slow-sockets.ts';
import { benchLedger } from './ledger.ts';
import { benchParts } from './parts.ts';
import { benchPush } from './push.ts';
import { benchVerify } from './verify.ts';

export interface BenchResult {
  readonly name: string;
  readonly ours: number;
  readonly baseline: number;
  /** ours ÷ baseline. */
  readonly ratio: number;
  readonly unit: string;
}

const benches: Readonly<Record<string, () => Promise<BenchResult>>> = {
  exchange: benchExchange,
  push: benchPush,
  verify: benchVerify,
  parts: benchParts,
  ledger: benchLedger,
  'slow-sockets': benchSlowSockets,
  noisy: benchNoisy,
};

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const json = process.argv.includes('--json');
const unknown = names.filter((name) => benches[name] === undefined);
if (names.length === 0 || unknown.length > 0) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(benches).join('|')} [--json]\n`);
  process.exit(2);
}
for (const name of names) {
  const result = { ...(await benches[name]!()), name };
  if (!json) {
    const { ours, baseline, ratio, unit } = result;
    process.stdout.write(
      `${name}: ${figure(ours)} against ${figure(baseline)} ${unit}, ratio ${ratio.toFixed(3)}, ${cpus().length} cores\n`,
    );
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function figure(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });
}
