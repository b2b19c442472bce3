/** `lianzheng packet assemble`: uploads a draft's files and has the gateway assemble the packet. */
import { dirname } from 'node:path';
import { Command } from 'commander';
import type { Schemas } from '../../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { uploadItem, type DraftItem } from '../../api/upload-items.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { readJsonObject } from '../../read-json-file.ts';
import { packetLines } from './packet-lines.ts';

type PacketDraft = Schemas['PacketDraft'];
type Draft = PacketDraft & { readonly items?: readonly DraftItem[] };

const EXAMPLE = `
DRAFT is the body of POST /v1/packets (openapi.yaml, schemas/packet-draft.json; samples/cases has ten of them). An item may
name a local file as "file": "statement.csv" (relative to the draft) instead of "digests" and "size": it is uploaded first.

Example:
  lianzheng packet assemble draft.json`;

export function packetAssembleCommand(cli: Cli): Command {
  return withAccess(new Command('assemble'))
    .summary('assemble a packet from a draft and its files')
    .description('Uploads the files that the draft names, then fixes the manifest that people sign.')
    .argument('<draft>', 'JSON file of the draft')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (file: string, options: AccessOptions) => assemble(cli, file, options)));
}

async function assemble(cli: Cli, file: string, options: AccessOptions): Promise<Outcome> {
  const draft = await readJsonObject<Draft>(file);
  const client = await clientOf(cli, options);
  const items: DraftItem[] = [];
  for (const item of draft.items ?? []) {
    items.push(await uploadItem(item, { client, terminal: cli.terminal, directory: dirname(file) }));
  }
  const packet = await client.post('/v1/packets', { json: { ...draft, items } });
  return { json: packet, lines: packetLines(packet) };
}
