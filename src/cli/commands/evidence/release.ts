/** `lianzheng evidence release`: the holder decides item by item. */
import { dirname } from 'node:path';
import { Command } from 'commander';
import type { Schemas } from '../../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { uploadItem, type DraftItem } from '../../api/upload-items.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { readJsonObject } from '../../read-json-file.ts';
import { packetLines } from '../packet/packet-lines.ts';

type ReleaseDraft = Schemas['ReleaseDraft'];
type Decision = Omit<ReleaseDraft['decisions'][number], 'file'> & { readonly file?: DraftItem };

const EXAMPLE = `
DECISIONS is the body of POST /v1/evidence-requests/{id}/releases:
  {"signatories":[{"role":"PROVIDER","name":"…","x5t":"…"}],
   "decisions":[{"item":"1","release":true,"file":{"file":"statement.csv", … item as in a packet draft …}},
                {"item":"2","release":false,"reason":"not held"}]}
"file" inside an item names a local file, which is uploaded. Then sign the answer: lianzheng packet sign ID --p12 …

Example:
  lianzheng evidence release 01987f2e-7c1a-7000-8000-000000000001 decisions.json`;

export function evidenceReleaseCommand(cli: Cli): Command {
  return withAccess(new Command('release'))
    .summary('decide on a request made to us, item by item')
    .description(
      'Makes the EVIDENCE_RESPONSE packet; once its signatory has signed, it goes to the requester by itself.',
    )
    .argument('<id>', 'id of the evidence request')
    .argument('<decisions>', 'JSON file of the decisions')
    .addHelpText('after', EXAMPLE)
    .action(
      acting(cli, (id: string, file: string, options: AccessOptions) => release(cli, { id, file }, options)),
    );
}

async function release(
  cli: Cli,
  order: { id: string; file: string },
  options: AccessOptions,
): Promise<Outcome> {
  type Draft = Omit<ReleaseDraft, 'decisions'> & { readonly decisions?: readonly Decision[] };
  const draft = await readJsonObject<Draft>(order.file);
  const client = await clientOf(cli, options);
  const upload = { client, terminal: cli.terminal, directory: dirname(order.file) };
  const decisions: Decision[] = [];
  for (const { file, ...decision } of draft.decisions ?? []) {
    decisions.push(file === undefined ? decision : { ...decision, file: await uploadItem(file, upload) });
  }
  const packet = await client.post('/v1/evidence-requests/{id}/releases', {
    path: { id: order.id },
    json: { ...draft, decisions },
  });
  return { json: packet, lines: packetLines(packet) };
}
