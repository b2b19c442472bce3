/** `lianzheng queue evidence`: the signed statement that a message did not arrive, as a file. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';

interface Options extends AccessOptions {
  readonly out: string;
}

const EXAMPLE = `
For what expired or was given up: what was to go to whom, when it was tried, the last code, what the peer said when it was
asked for the last time, and whether the outcome is known. Never the content.

Examples:
  lianzheng queue evidence 01987f2e-7c1a-7000-8000-000000000001 --out undelivered.json
  lianzheng queue verify undelivered.json --anchors anchors.json`;

export function queueEvidenceCommand(cli: Cli): Command {
  return withAccess(new Command('evidence'))
    .summary('write the statement that a message did not arrive')
    .description(
      'One file with your signed statement, its place in the ledger, and the peer’s last signed word.',
    )
    .argument('<mid>', 'message id')
    .requiredOption('--out <file>', 'where to write it; an existing file is never overwritten')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (id: string, options: Options) => evidence(cli, id, options)));
}

async function evidence(cli: Cli, id: string, options: Options): Promise<Outcome> {
  const client = await clientOf(cli, options);
  const bytes = await client.bytes('/v1/deliveries/{id}/evidence', { path: { id } });
  const file = resolve(options.out);
  await writeFile(file, bytes, { flag: 'wx' });
  return { json: { file, size: bytes.length }, lines: [file] };
}
