/** `lianzheng alliance diff`: what changed between two registries, or would change by a draft. */
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { differences } from '../../../federation/drafting/differences.ts';
import { readDraft } from '../../../federation/drafting/draft.ts';
import type { VerifiedRegistry } from '../../../federation/registry/registry-document.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { readJsonFile } from '../../read-json-file.ts';
import { readHomeOf, type Home } from './home.ts';
import { registryOf } from './show.ts';

const EXAMPLE = `
A and B are serials, or files of drafts. As diff(1) has it: exit code 0 when nothing but the dates differs, 1 when something else does.

Examples:
  lianzheng alliance diff 3 4 --anchors alliance/anchors.json
  lianzheng alliance diff 4 draft.json --anchors alliance/anchors.json`;

export function allianceDiffCommand(cli: Cli): Command {
  return new Command('diff')
    .summary('what changed between two registries')
    .description(
      'Members admitted, suspended, revoked; keys and certificates; groups, grants, CAs, operators; dates.',
    )
    .argument('<a>', 'serial or draft file')
    .argument('<b>', 'serial or draft file')
    .requiredOption('--anchors <file>', 'anchors file')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (a: string, b: string, options: { anchors: string }) => diff(cli, [a, b], options)));
}

async function diff(
  cli: Cli,
  [a, b]: readonly [string, string],
  { anchors }: { anchors: string },
): Promise<Outcome> {
  const home = await readHomeOf(anchors, cli.hooks.schemas());
  const [before, after] = [await find(a, home), await find(b, home)];
  const changes = differences(before.body, after.body);
  const same = changes.every(({ part }) => part === 'dates');
  const from = `registry ${before.body.serial} (${before.sha256})`;
  const to = `registry ${after.body.serial} (${after.sha256})`;
  return {
    exitCode: same ? 0 : 1,
    json: { ok: true, same, changes },
    lines: [
      `${from} -> ${to}`,
      ...changes.flatMap(({ text }) => text.split('\n').map((line) => `  ${line}`)),
    ],
  };
}

async function find(name: string, home: Home): Promise<VerifiedRegistry> {
  if (/^[0-9]+$/.test(name) || !existsSync(name)) return registryOf(home.chain, name);
  return readDraft(await readJsonFile(name), home);
}
