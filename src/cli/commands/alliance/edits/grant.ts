/** `lianzheng alliance grant`: who may do what, why and until when. */
import { Command, Option } from 'commander';
import { addGrant, changeGrant, removeGrant } from '../../../../federation/drafting/alliance-content.ts';
import type {
  Compartment,
  Grant,
  MemberRole,
  Right,
} from '../../../../federation/registry/registry-types.ts';
import { several, type Cli } from '../../../cli.ts';
import { EDIT_HELP, editing, type EditOptions } from './edit-command.ts';

const COMPARTMENTS = ['REG', 'INDUSTRY', 'POLICE', 'AML', 'ALLIANCE'];
const KINDS = `
What no grant permits is refused. Kinds: feature-batch and erasure (may push), screening and feature (may screen query), packet-offer,
packet-receipt, onward-request and onward-answer (may transfer), evidence-request (may request), ledger (may audit). docs/alliance.md has a
whole working set.
`;

interface GrantOptions extends EditOptions {
  readonly group?: string;
  readonly role?: readonly string[];
  readonly member?: readonly string[];
  readonly may?: readonly string[];
  readonly kind?: readonly string[];
  readonly purpose?: readonly string[];
  readonly basis?: readonly string[];
  readonly maxGrade?: string;
  readonly compartment?: Compartment;
  readonly onward?: Grant['onward'];
  readonly until?: string;
  readonly perDay?: string;
}

export function allianceGrantCommand(cli: Cli): Command {
  return new Command('grant')
    .summary('draft: who may do what, why and until when')
    .description(
      'A grant permits members or roles to do something in a group, for purposes, on legal bases, until a day.',
    )
    .addCommand(addCommand(cli))
    .addCommand(changeCommand(cli))
    .addCommand(removeCommand(cli));
}

function addCommand(cli: Cli): Command {
  const command = withGrantOptions(new Command('add'))
    .summary('draft: add a grant')
    .description('Says in full what is permitted; everything but --compartment and --per-day is needed.')
    .argument('<id>', 'id of the grant');
  return editing<GrantOptions>(cli, command, async (options, _context, [id = '']) => ({
    edit: addGrant({ id, ...wholeGrant(options) }),
  })).addHelpText(
    'after',
    `${KINDS}${EDIT_HELP}
Example:
  lianzheng alliance grant add g-push --group broker-features --role institution --role police --may push --kind feature-batch \\
    --purpose RISK_PREVENTION --basis PIPL-13 --max-grade 3 --onward same-purpose --until 2027-12-31T00:00:00Z --dir alliance`,
  );
}

function changeCommand(cli: Cli): Command {
  const command = withGrantOptions(new Command('change'))
    .summary('draft: change a grant')
    .description('Replaces what is given and leaves the rest of the grant as it is.')
    .argument('<id>', 'id of the grant');
  return editing<GrantOptions>(cli, command, async (options, _context, [id = '']) => {
    const change = partOfGrant(options);
    if (Object.keys(change).length === 0) throw new Error('name what changes, e.g. --until');
    return { edit: changeGrant(id, change) };
  }).addHelpText(
    'after',
    `${KINDS}${EDIT_HELP}\nExample:\n  lianzheng alliance grant change g-push --until 2028-12-31T00:00:00Z --dir alliance`,
  );
}

function removeCommand(cli: Cli): Command {
  const command = new Command('remove')
    .summary('draft: remove a grant')
    .description('What only this grant permitted is refused from the next registry on.')
    .argument('<id>', 'id of the grant');
  return editing(cli, command, async (_options, _context, [id = '']) => ({
    edit: removeGrant(id),
  })).addHelpText('after', `${EDIT_HELP}\nExample:\n  lianzheng alliance grant remove g-push --dir alliance`);
}

function withGrantOptions(command: Command): Command {
  return command
    .option('--group <id>', 'group in which it counts')
    .option('--role <role>', 'role that may; once for each', several)
    .option('--member <id>', 'member that may; once for each', several)
    .option(
      '--may <right>',
      'push, screen, query, request, transfer, audit or status; once for each',
      several,
    )
    .option('--kind <kind>', 'kind of message; once for each', several)
    .option('--purpose <code>', 'purpose; once for each', several)
    .option('--basis <code>', 'legal basis; once for each', several)
    .option('--max-grade <n>', 'highest grade of data, 0 to 5')
    .addOption(new Option('--compartment <name>', 'only in this compartment').choices(COMPARTMENTS))
    .addOption(new Option('--onward <rule>', 'passing on').choices(['none', 'same-purpose', 'approval']))
    .option('--until <time>', 'end of the grant, RFC 3339')
    .option('--per-day <n>', 'quota: how often a day');
}

function wholeGrant(options: GrantOptions): Omit<Grant, 'id'> {
  const part = partOfGrant(options);
  const { group, who, may, kinds, purposes, legalBases, maxGrade, onward, notAfter } = part;
  const needed = { group, may, kinds, purposes, legalBases, maxGrade, onward, notAfter, who };
  const missing = Object.entries(needed).find(([, value]) => value === undefined);
  if (missing !== undefined) throw new Error(`a grant needs ${OPTION_OF[missing[0]] ?? missing[0]}`);
  return part as Omit<Grant, 'id'>;
}

const OPTION_OF: Readonly<Record<string, string>> = {
  who: '--role or --member',
  group: '--group',
  may: '--may',
  kinds: '--kind',
  purposes: '--purpose',
  legalBases: '--basis',
  maxGrade: '--max-grade',
  onward: '--onward',
  notAfter: '--until',
};

/** What was given on the command line; the registry's schema judges the values. */
function partOfGrant(options: GrantOptions): Partial<Grant> {
  const { role, member, compartment, onward, until, perDay, maxGrade } = options;
  const who = { ...(role && { roles: role as MemberRole[] }), ...(member && { members: member }) };
  return {
    ...(options.group !== undefined && { group: options.group }),
    ...((role ?? member) && { who }),
    ...(options.may && { may: options.may as readonly Right[] }),
    ...(options.kind && { kinds: options.kind }),
    ...(options.purpose && { purposes: options.purpose }),
    ...(options.basis && { legalBases: options.basis }),
    ...(maxGrade !== undefined && { maxGrade: Number(maxGrade) }),
    ...(compartment && { compartment }),
    ...(onward && { onward }),
    ...(until !== undefined && { notAfter: until }),
    ...(perDay !== undefined && { quota: { perDay: Number(perDay) } }),
  };
}
