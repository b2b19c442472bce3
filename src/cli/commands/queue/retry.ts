/** `lianzheng queue retry`: tries a delivery again. */
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli } from '../../cli.ts';

const EXAMPLE = `
An open message is tried at once. An expired one goes on under the same id, so that a peer that had it after all answers as
it did. A refusal was a decision and stands: the same content goes out as a new message with a new id, for the peer to judge
again; mend what its code names first, or it is refused again.

Example:
  lianzheng queue retry 01987f2e-7c1a-7000-8000-000000000001`;

const words = {
  due: 'is tried now',
  reopened: 'goes on under the same id',
  'new-message': 'goes out as a new message; the refusal of the old one stands',
} as const;

export function queueRetryCommand(cli: Cli): Command {
  return withAccess(new Command('retry'))
    .summary('try a message again')
    .description('Logged with the name of the token’s subject.')
    .argument('<mid>', 'message id')
    .addHelpText('after', EXAMPLE)
    .action(
      acting(cli, async (id: string, options: AccessOptions) => {
        const client = await clientOf(cli, options);
        const done = await client.post('/v1/deliveries/{id}/retries', { path: { id }, json: {} });
        return { json: done, lines: [`${done.mid} ${words[done.as]}`] };
      }),
    );
}
