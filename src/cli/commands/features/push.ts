/** `lianzheng features push`: streams an NDJSON file to a sharing group. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, several, type Cli, type Outcome } from '../../cli.ts';
import { startProgress } from '../../terminal/progress.ts';

interface Options extends AccessOptions {
  readonly group: string;
  readonly purpose: string;
  readonly basis: readonly string[];
  readonly atomic?: boolean;
}

const SHOWN = 20;
const EXAMPLE = `
One feature a line:
  {"type":"domain","value":"loan-fast.example.com","confidence":80}
  {"type":"phone","value":"13800000000","context":{"offences":["CL-193"],"chain":"info","role":"BROKER"}}
FILE may be - for standard input. A bad line is named with its number and the rest goes through; the exit code is
then 1. A feature pushed before counts as a sighting.

Example:
  lianzheng features push brokers.ndjson --group broker-features --purpose RISK_PREVENTION --basis AFTFL-26`;

export function featuresPushCommand(cli: Cli): Command {
  return withAccess(new Command('push'))
    .summary('push an NDJSON file of features to a sharing group')
    .description(
      'Streams features, of any number, to the gateway; returns when they are durable, logged and on their way.',
    )
    .argument('<file>', 'NDJSON file, or - for standard input')
    .requiredOption('--group <group>', 'sharing group')
    .requiredOption('--purpose <purpose>', 'purpose that the grant lists')
    .requiredOption('--basis <basis>', 'legal basis; give the option once for each', several)
    .option('--atomic', 'refuse everything when one line is bad')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (file: string, options: Options) => push(cli, file, options)));
}

async function push(cli: Cli, file: string, options: Options): Promise<Outcome> {
  const client = await clientOf(cli, options);
  const { group, purpose, basis, atomic } = options;
  const report = await client.upload('/v1/groups/{group}/features', {
    path: { group },
    query: { purpose, basis, atomic: atomic === true ? 'true' : undefined },
    type: 'application/x-ndjson',
    body: await watched(cli, file),
  });
  const refusedCount = report.refusedCount ?? report.refused.length;
  return {
    exitCode: refusedCount > 0 ? 1 : 0,
    json: report,
    lines: [
      `${report.accepted} features accepted, ${report.duplicates} known before, ${refusedCount} refused, ${report.batches} batches`,
      ...report.refused
        .slice(0, SHOWN)
        .map(({ line, code, message }) => `  line ${line}: ${code}: ${message}`),
      ...(refusedCount > SHOWN ? [`  and ${refusedCount - SHOWN} more`] : []),
    ],
  };
}

async function watched(cli: Cli, file: string): Promise<Readable> {
  const total = file === '-' ? undefined : (await stat(file)).size;
  const source = file === '-' ? process.stdin : createReadStream(file);
  const progress = startProgress(cli.terminal, { label: `push ${basename(file)}`, unit: 'bytes' });
  const out = new PassThrough();
  let read = 0;
  source.on('data', (chunk: Buffer) => progress.at((read += chunk.length), total));
  source.once('end', () => progress.end()).once('error', (error: Error) => out.destroy(error));
  return source.pipe(out);
}
