/** `lianzheng alliance suspend`, `reinstate`, `revoke` and `renew`: who and what still counts. */
import { Command } from 'commander';
import { changeSchemas, renew } from '../../../../federation/drafting/alliance-content.ts';
import { reinstate, revoke, suspend, type Revoked } from '../../../../federation/drafting/membership.ts';
import { oneOf, type Cli } from '../../../cli.ts';
import { EDIT_HELP, editing, type EditOptions } from './edit-command.ts';

export function allianceSuspendCommand(cli: Cli): Command {
  const command = new Command('suspend')
    .summary('draft: suspend a member')
    .description(
      'Its gateways are refused from the next registry on; its keys stay listed, and it can be reinstated.',
    )
    .argument('<member>', 'member id');
  return editing(cli, command, async (_options, _context, [member = '']) => ({
    edit: suspend(member),
  })).addHelpText('after', `${EDIT_HELP}\nExample:\n  lianzheng alliance suspend bank-a --dir alliance`);
}

export function allianceReinstateCommand(cli: Cli): Command {
  const command = new Command('reinstate')
    .summary('draft: make a suspended member active again')
    .description(
      'With the keys it had; a member whose keys were all revoked comes back by lianzheng alliance recover.',
    )
    .argument('<member>', 'member id');
  return editing(cli, command, async (_options, _context, [member = '']) => ({
    edit: reinstate(member),
  })).addHelpText('after', `${EDIT_HELP}\nExample:\n  lianzheng alliance reinstate bank-a --dir alliance`);
}

interface RevokeOptions extends EditOptions, Revoked {
  readonly reason: string;
  readonly at?: string;
}

const REASONS = ['compromised', 'superseded', 'unspecified'] as const;
const REVOKE_HELP = `
compromised and unspecified count at once and backwards: nothing the key ever signed is believed any more. superseded counts from --at on;
what was signed before stays good. A member that is revoked has left, and all its keys, certificates and signers end with it.
A revocation is never taken back, by leaving it out neither.
${EDIT_HELP}
Examples:
  lianzheng alliance revoke --key Zf3…43 --reason compromised --dir alliance
  lianzheng alliance revoke --member bank-a --reason superseded --dir alliance`;

export function allianceRevokeCommand(cli: Cli): Command {
  const command = new Command('revoke')
    .summary('draft: end a member, certificate, key or signer for good')
    .description('Marks one of them as revoked; it stays listed, because old evidence is judged by it.')
    .option('--member <id>', 'everything of this member; its status is left')
    .option('--certificate <x5t>', 'certificate of a gateway, by thumbprint (lianzheng alliance show)')
    .option('--key <kid>', 'seal key, by thumbprint')
    .option('--signer <x5t>', 'certificate of a person who signs, by thumbprint')
    .requiredOption('--reason <reason>', 'compromised, superseded or unspecified')
    .option('--at <time>', 'from when, RFC 3339 (default: when the registry is issued)');
  return editing<RevokeOptions>(cli, command, async (options, { issuedAt }) => {
    const { member, certificate, key, signer } = options;
    const reason = oneOf('--reason', options.reason, REASONS);
    const named = [member, certificate, key, signer].filter((one) => one !== undefined);
    if (named.length !== 1) throw new Error('name one of --member, --certificate, --key and --signer');
    const at = new Date(options.at ?? issuedAt);
    if (Number.isNaN(at.getTime())) throw new Error('--at: expected a time such as 2026-01-31T09:00:00Z');
    return { edit: revoke({ member, certificate, key, signer }, { at: at.toISOString(), reason }) };
  }).addHelpText('after', REVOKE_HELP);
}

export function allianceRenewCommand(cli: Cli): Command {
  const command = new Command('renew')
    .summary('draft: the same registry with new dates')
    .description('A registry expires after 90 days at most; this makes the next one as it is.')
    .option('--schemas', "also list this program's message schemas, after an upgrade");
  return editing<EditOptions & { schemas?: boolean }>(cli, command, async (options, { home }) => {
    if (options.schemas !== true) return { edit: renew };
    const { schemas } = home;
    return { edit: changeSchemas(schemas.ids().map((id) => ({ id, sha256: schemas.digest(id) }))) };
  }).addHelpText('after', `${EDIT_HELP}\nExample:\n  lianzheng alliance renew --dir alliance`);
}
