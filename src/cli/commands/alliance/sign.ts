/** `lianzheng alliance sign`: shows what a draft changes, then adds one operator's signature. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { GatewayError } from '../../../core/errors.ts';
import { readDraft, signDraft } from '../../../federation/drafting/draft.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { readJsonFile } from '../../read-json-file.ts';
import { replaceFile } from '../../replace-file.ts';
import { draftLines, shownDraft } from './draft-lines.ts';
import { readPlace, readSigningKey } from './home.ts';

interface Options {
  readonly dir: string;
  readonly key: string;
  readonly yes?: boolean;
  readonly sha256?: string;
  readonly out?: string;
}

const EXAMPLE = `
Run it without --yes first and read what changes: it is compared with the newest registry of your own anchors.json, not with what the
sender says. With --sha256 you sign only that very draft, e.g. the digest you read to each other on the telephone. A first registry
(alliance init --operator-key) has nothing before it: everything in it is shown. Exit code 2 when nothing was signed.

Examples:
  lianzheng alliance sign draft.json --key operator.jwk --dir alliance
  lianzheng alliance sign draft.json --key operator.jwk --dir alliance --yes --out draft.op2.json`;

export function allianceSignCommand(cli: Cli): Command {
  return new Command('sign')
    .summary("show a draft, and add one operator's signature")
    .description(
      "Needs this operator's key only. Send the signed file to whoever publishes, or on to the next operator.",
    )
    .argument('<draft>', 'draft file')
    .requiredOption('--key <file>', 'your private JWK (mode 0600)')
    .option('--dir <directory>', 'directory with your anchors.json', '.')
    .option('--yes', 'sign; without it the draft is only shown')
    .option('--sha256 <digest>', 'sign only if the draft has this digest')
    .option('--out <file>', 'where to write the signed draft (default: in the place of the draft)')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (draft: string, options: Options) => sign(cli, draft, options)));
}

async function sign(cli: Cli, path: string, options: Options): Promise<Outcome> {
  const place = await readPlace(options.dir, cli.hooks.schemas());
  const draft = await readDraft(await readJsonFile(path), place);
  const signed = await signDraft(draft, await readSigningKey(options.key), place.previous);
  if (options.sha256 !== undefined && options.sha256 !== draft.sha256)
    throw new GatewayError('registry.draft-conflict', `the draft is ${draft.sha256}, not ${options.sha256}`);
  if (options.yes !== true) {
    const shown = await shownDraft(draft, place.previous);
    const hint = 'nothing was signed: read it, then run again with --yes';
    return { exitCode: 2, json: { ...shown, signed: false }, lines: [...draftLines(shown), hint] };
  }
  const out = resolve(options.out ?? path);
  await replaceFile(out, `${JSON.stringify(signed.document)}\n`);
  const shown = await shownDraft(signed, place.previous);
  return { json: { ...shown, signed: true, draft: out }, lines: [...draftLines(shown), `wrote ${out}`] };
}
