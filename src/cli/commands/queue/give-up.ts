/** `lianzheng queue give-up`: ends a delivery, for a reason that is logged. */
import { Command } from 'commander';
import type { Schemas } from '../../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { deliveryLines } from './show.ts';

const REASONS: readonly Schemas['GivingUp']['reason'][] = [
  'peer-gone',
  'told-otherwise',
  'superseded',
  'not-needed',
  'other',
];

const EXAMPLE = `
The peer is asked once more where it may have the message; when it says so, nothing is given up. What was open leaves your
signed statement (lianzheng queue evidence). A refused or expired message is listed as a dead letter no longer.

Example:
  lianzheng queue give-up 01987f2e-7c1a-7000-8000-000000000001 --reason told-otherwise`;

interface Options extends AccessOptions {
  readonly reason: string;
}

export function queueGiveUpCommand(cli: Cli): Command {
  return withAccess(new Command('give-up'))
    .summary('end a delivery, for a reason')
    .description('Logged with reason and the name of the token’s subject.')
    .argument('<mid>', 'message id')
    .requiredOption('--reason <reason>', REASONS.join(', '))
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (id: string, options: Options) => giveUp(cli, id, options)));
}

async function giveUp(cli: Cli, id: string, options: Options): Promise<Outcome> {
  const reason = REASONS.find((known) => known === options.reason);
  if (reason === undefined) throw new Error(`--reason must be one of ${REASONS.join(', ')}`);
  const client = await clientOf(cli, options);
  const ended = await client.post('/v1/deliveries/{id}/endings', { path: { id }, json: { reason } });
  return { json: ended, lines: deliveryLines(ended) };
}
