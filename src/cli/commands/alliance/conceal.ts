/** `lianzheng alliance conceal`: hides the members of a group in the content of the next registry. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { concealGroup } from '../../../federation/registry/hidden-groups.ts';
import type { RegistryBody } from '../../../federation/registry/registry-types.ts';
import { writePrivateFile } from '../../../pki/private-file.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { readJsonObject } from '../../read-json-file.ts';

interface Options {
  readonly alliance: string;
  readonly content: string;
  readonly group: string;
  readonly decoys: string;
  readonly out: string;
  readonly openings: string;
}

const EXAMPLE = `
The content is what alliance init --content and alliance publish --change read. In the new one the group commits to its members;
the openings go to the gateways of these members, into the directory registry.openings of their configuration, and to nobody
else. The group's name, compartment and grants stay readable for all: choose a name that tells nothing. Decoys hide how many
members there are. Whenever members change, conceal again and hand out the new openings first.

Example:
  lianzheng alliance conceal --alliance lianzheng-east --content content.json --group task-force-7 --decoys 12 \\
    --out content-hidden.json --openings task-force-7.json`;

export function allianceConcealCommand(cli: Cli): Command {
  return new Command('conceal')
    .summary('hide the members of a group')
    .description('Replaces the members of a group by salted commitments, and writes what opens them.')
    .requiredOption('--alliance <name>', 'name of the alliance')
    .requiredOption('--content <file>', 'JSON with groups, in clear')
    .requiredOption('--group <id>', 'the group to hide')
    .option('--decoys <n>', 'commitments to nobody', '8')
    .requiredOption('--out <file>', 'where to write the content with the hidden group')
    .requiredOption('--openings <file>', 'where to write the openings, mode 0600')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => conceal(options)));
}

async function conceal(options: Options): Promise<Outcome> {
  const decoys = Number(options.decoys);
  if (!Number.isSafeInteger(decoys) || decoys < 0 || decoys > 1000)
    throw new Error('--decoys: expected 0 to 1000');
  const content = await readJsonObject<Partial<RegistryBody>>(options.content);
  const group = content.groups?.find(({ id }) => id === options.group);
  if (group === undefined) throw new Error(`${options.content} has no group ${options.group}`);
  if (group.hidden === true)
    throw new Error(`group ${options.group} is hidden already: give the content in clear`);
  const named = content.grants?.find((grant) => grant.group === group.id && grant.who.members !== undefined);
  if (named !== undefined)
    throw new Error(`grant ${named.id} names members of the group: name their roles instead`);
  const concealed = concealGroup(options.alliance, group, decoys);
  const groups = content.groups?.map((one) => (one.id === group.id ? concealed.group : one));
  const [out, openings] = [resolve(options.out), resolve(options.openings)];
  await writePrivateFile(openings, `${JSON.stringify(concealed.openings, null, 2)}\n`);
  await writeFile(out, `${JSON.stringify({ ...content, groups }, null, 2)}\n`);
  const { length } = concealed.openings.openings;
  return {
    json: { content: out, openings, group: group.id, members: group.members.length, commitments: length },
    lines: [out, `${openings}: openings of ${length} commitments, for members of ${group.id} only`],
  };
}
