/** `lianzheng alliance combine`: one draft with the signatures that several operators made apart. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { combineDrafts, readDraft } from '../../../federation/drafting/draft.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { readJsonFile } from '../../read-json-file.ts';
import { replaceFile } from '../../replace-file.ts';
import { draftLines, shownDraft } from './draft-lines.ts';
import { readPlace } from './home.ts';

interface Options {
  readonly dir: string;
  readonly out: string;
}

const EXAMPLE = `
All files must be the same draft. A file with a signature that is no operator's is refused: it was damaged, or somebody else signed.

Example:
  lianzheng alliance combine draft.op1.json draft.op2.json --out signed.json --dir alliance`;

export function allianceCombineCommand(cli: Cli): Command {
  return new Command('combine')
    .summary('merge the signatures of several operators')
    .description(
      'Takes copies of one draft that operators signed apart, and says how many signatures are missing.',
    )
    .argument('<drafts...>', 'copies of the draft')
    .option('--dir <directory>', 'directory with anchors.json', '.')
    .requiredOption('--out <file>', 'where to write the merged draft')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (drafts: readonly string[], options: Options) => combine(cli, drafts, options)));
}

async function combine(cli: Cli, paths: readonly string[], { dir, out }: Options): Promise<Outcome> {
  const place = await readPlace(dir, cli.hooks.schemas());
  const drafts = [];
  for (const path of paths) drafts.push(await readDraft(await readJsonFile(path), place));
  const merged = combineDrafts(drafts);
  const shown = await shownDraft(merged, place.previous);
  const path = resolve(out);
  await replaceFile(path, `${JSON.stringify(merged.document)}\n`);
  return { json: { ...shown, draft: path }, lines: [...draftLines(shown), `wrote ${path}`] };
}
