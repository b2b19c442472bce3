/** `lianzheng alliance show`: what the current registry says. */
import { Command } from 'commander';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { readTrust } from '../../trust.ts';

export function allianceShowCommand(cli: Cli): Command {
  return new Command('show')
    .summary('show the current registry of an anchors file')
    .description(
      'Verifies the chain of registries from the anchors on, then lists members, groups and grants.',
    )
    .requiredOption('--anchors <file>', 'anchors file')
    .addHelpText('after', '\nExample:\n  lianzheng alliance show --anchors alliance/anchors.json')
    .action(acting(cli, ({ anchors }: { anchors: string }) => show(cli, anchors)));
}

async function show(cli: Cli, path: string): Promise<Outcome> {
  const { chain } = await readTrust(path, cli.hooks.schemas());
  const current = chain.at(-1);
  if (current === undefined) throw new Error(`${path} holds no registry`);
  const { body, sha256 } = current;
  return {
    json: { registries: chain.length, sha256, registry: body },
    lines: [
      `alliance ${body.alliance}, registry ${body.serial} of ${body.issuedAt}, until ${body.expiresAt}`,
      `  sha256    ${sha256}`,
      `  operators ${body.operators.threshold} of ${body.operators.keys.length}`,
      ...body.members.map(
        ({ id, name, roles, status }) => `  member    ${id}  ${name}  ${roles.join(' ')}  ${status}`,
      ),
      ...body.groups.map(
        ({ id, compartment, members, hidden }) =>
          `  group     ${id}  ${compartment}  ${hidden === true ? '(hidden members)' : members.join(' ')}`,
      ),
      ...body.grants.map(
        ({ id, group, may, notAfter }) => `  grant     ${id}  ${group}  ${may.join(' ')}  until ${notAfter}`,
      ),
    ],
  };
}
