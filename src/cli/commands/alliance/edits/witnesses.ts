/** `lianzheng alliance witnesses`: whose cosignatures make a quorum. */
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { changeWitnessPolicy } from '../../../../federation/drafting/alliance-content.ts';
import type { RegistryBody } from '../../../../federation/registry/registry-types.ts';
import type { Cli } from '../../../cli.ts';
import { EDIT_HELP, editing, type EditOptions } from './edit-command.ts';

interface Options extends EditOptions {
  readonly quorum?: string;
  readonly policy?: string;
  readonly none?: boolean;
}

const EXAMPLE = `
--quorum K: every active member that lists a witness key, K of them. No witness cosigns its own member's log, so K is at most one less than
their number; docs/operations.md, "Witness policy", says what a larger and a smaller K mean. --policy FILE takes any C2SP tlog-policy text.
${EDIT_HELP}
Examples:
  lianzheng alliance witnesses --quorum 2 --dir alliance
  lianzheng alliance witnesses --policy policy.txt --dir alliance`;

export function allianceWitnessesCommand(cli: Cli): Command {
  const command = new Command('witnesses')
    .summary('draft: whose cosignatures make a quorum')
    .description("Members cosign each other's ledgers; the policy says how many of whom must have done so.")
    .option('--quorum <k>', "K of all active members' witnesses")
    .option('--policy <file>', 'text of a tlog-policy file')
    .option('--none', 'ask no witness');
  return editing<Options>(cli, command, async ({ quorum, policy, none }) => {
    if ([quorum, policy, none].filter((one) => one !== undefined).length !== 1)
      throw new Error('give one of --quorum, --policy and --none');
    if (none === true) return { edit: changeWitnessPolicy(null) };
    if (policy !== undefined) return { edit: changeWitnessPolicy(await readFile(policy, 'utf8')) };
    return { edit: (body) => changeWitnessPolicy(policyOf(body, Number(quorum)))(body) };
  }).addHelpText('after', EXAMPLE);
}

function policyOf({ members }: RegistryBody, quorum: number): string {
  const witnesses = members.filter(
    ({ status, ledger }) => status === 'active' && ledger.witnessVkey !== undefined,
  );
  if (!Number.isInteger(quorum) || quorum < 1 || quorum >= witnesses.length)
    throw new Error(`--quorum: expected 1 to ${witnesses.length - 1}: one less than the witnesses there are`);
  const lines = witnesses.map(({ id, gateways, ledger }) => {
    return `witness ${id} ${ledger.witnessVkey ?? ''} https://${gateways[0]?.authority ?? id}/witness`;
  });
  const names = witnesses.map(({ id }) => id).join(' ');
  return [...lines, `group members ${quorum} ${names}`, 'quorum members', ''].join('\n');
}
