/** `lianzheng ledger proof`: one exchange as a file that a stranger can verify years later. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';

interface Options extends AccessOptions {
  readonly out: string;
  readonly envelope?: true;
}

const EXAMPLE = `
ID is the id of a message (lianzheng deliveries), of a packet (its last offer) or the index of an entry. The file holds our
entry, the peer's entry as its signed answer gave it, both with tlog-proof and checkpoint, and the signed registries; never a
personal value. For a received message it holds our acceptance and the sender's signed request. It says itself what it proves.

Examples:
  lianzheng ledger proof 01987f2e-7c1a-7000-8000-000000000001 --out transfer.proof.json
  lianzheng ledger verify-proof transfer.proof.json --anchors anchors.json`;

export function ledgerProofCommand(cli: Cli): Command {
  return withAccess(new Command('proof'))
    .summary('write the proof of one exchange as a file')
    .description(
      'One self-contained file: who offered, who accepted, who closed, and why the keys are to be believed.',
    )
    .argument('<id>', 'message id, packet id or entry index')
    .requiredOption('--out <file>', 'where to write it; an existing file is never overwritten')
    .option('--envelope', 'put the sealed envelope in: it holds what was sent')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (id: string, options: Options) => proof(cli, id, options)));
}

async function proof(cli: Cli, id: string, options: Options): Promise<Outcome> {
  const client = await clientOf(cli, options);
  const envelope = options.envelope === true ? 'with' : 'without';
  const bytes = await client.bytes('/v1/ledger/proofs/{id}', { path: { id }, query: { envelope } });
  const file = resolve(options.out);
  await writeFile(file, bytes, { flag: 'wx' });
  const { proves } = JSON.parse(bytes.toString('utf8')) as { readonly proves: readonly string[] };
  return {
    json: { file, size: bytes.length, proves },
    lines: [file, ...proves.map((words) => `  ${words}`)],
  };
}
