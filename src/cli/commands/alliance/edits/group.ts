/** `lianzheng alliance group`: who shares with whom. */
import { Command } from 'commander';
import {
  addGroup,
  changeGroupMembers,
  removeGroup,
} from '../../../../federation/drafting/alliance-content.ts';
import { oneOf, several, type Cli } from '../../../cli.ts';
import { EDIT_HELP, editing, type EditOptions } from './edit-command.ts';

const COMPARTMENTS = ['REG', 'INDUSTRY', 'POLICE', 'AML', 'ALLIANCE'] as const;

export function allianceGroupCommand(cli: Cli): Command {
  return new Command('group')
    .summary('draft: sharing groups and their members')
    .description(
      'A group is who shares with whom, in one compartment; what they may do there is said by grants.',
    )
    .addCommand(addCommand(cli))
    .addCommand(removeCommand(cli))
    .addCommand(membersCommand(cli));
}

interface AddOptions extends EditOptions {
  readonly name: string;
  readonly compartment: string;
  readonly member?: readonly string[];
}

function addCommand(cli: Cli): Command {
  const command = new Command('add')
    .summary('draft: add a sharing group')
    .description(
      'In a group of compartment ALLIANCE no personal value travels; in AML only AML purposes count.',
    )
    .argument('<id>', 'id of the group')
    .requiredOption('--name <name>', 'name shown to people')
    .requiredOption('--compartment <name>', COMPARTMENTS.join(', '))
    .option('--member <id>', 'member of the group; once for each', several);
  return editing<AddOptions>(
    cli,
    command,
    async ({ name, member = [], ...options }, _context, [id = '']) => ({
      edit: addGroup({
        ...{ id, name, members: member },
        compartment: oneOf('--compartment', options.compartment, COMPARTMENTS),
      }),
    }),
  ).addHelpText(
    'after',
    `${EDIT_HELP}\nExample:\n  lianzheng alliance group add broker-features --name 特征共享组 --compartment INDUSTRY --member bank-a --dir alliance`,
  );
}

function removeCommand(cli: Cli): Command {
  const command = new Command('remove')
    .summary('draft: remove a sharing group')
    .description('Refused while grants are for it: remove those first.')
    .argument('<id>', 'id of the group');
  return editing(cli, command, async (_options, _context, [id = '']) => ({
    edit: removeGroup(id),
  })).addHelpText(
    'after',
    `${EDIT_HELP}\nExample:\n  lianzheng alliance group remove broker-features --dir alliance`,
  );
}

interface MembersOptions extends EditOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

function membersCommand(cli: Cli): Command {
  const command = new Command('members')
    .summary('draft: change the members of a group')
    .description('Adds members to a sharing group and takes others out of it, in one step.')
    .argument('<id>', 'id of the group')
    .option('--add <member>', 'member to add; once for each', several)
    .option('--remove <member>', 'member to remove; once for each', several);
  return editing<MembersOptions>(cli, command, async ({ add = [], remove = [] }, _context, [id = '']) => {
    if (add.length + remove.length === 0) throw new Error('name members with --add and --remove');
    return { edit: changeGroupMembers(id, { add, remove }) };
  }).addHelpText(
    'after',
    `${EDIT_HELP}\nExample:\n  lianzheng alliance group members broker-features --add bank-b --remove bank-a --dir alliance`,
  );
}
