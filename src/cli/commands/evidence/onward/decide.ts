/** `lianzheng evidence onward decide`. */
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../../../api/access.ts';
import { acting, type Cli } from '../../../cli.ts';
import { onwardLine } from './list.ts';

const DECISIONS = ['approve', 'refuse', 'revoke'] as const;

interface Options extends AccessOptions {
  readonly decision: string;
  readonly until?: string;
  readonly reason?: string;
}

const EXAMPLE = `
Examples:
  lianzheng evidence onward decide 01987f2e-7c1a-7000-8000-000000000001 --decision approve --until 2026-12-31T00:00:00Z
  lianzheng evidence onward decide 01987f2e-7c1a-7000-8000-000000000001 --decision revoke --reason 'case closed'`;

export function onwardDecideCommand(cli: Cli): Command {
  return withAccess(new Command('decide'))
    .summary('approve, refuse or revoke')
    .description('On a request made to us: an open one is approved or refused, an approved one revoked.')
    .argument('<id>', 'id of the request')
    .requiredOption('--decision <decision>', 'approve, refuse or revoke')
    .option('--until <time>', 'how long the approval holds, RFC 3339; mandatory with approve')
    .option('--reason <text>', 'stands in the answer; mandatory with refuse and revoke')
    .addHelpText('after', EXAMPLE)
    .action(
      acting(cli, async (id: string, { decision, until, reason, ...access }: Options) => {
        const client = await clientOf(cli, access);
        const done = await client.post('/v1/onward-requests/{id}/decisions', {
          path: { id },
          json: {
            decision: decisionOf(decision),
            ...(until === undefined ? {} : { notAfter: until }),
            ...(reason === undefined ? {} : { reason }),
          },
        });
        return { json: done, lines: [onwardLine(done)] };
      }),
    );
}

function decisionOf(text: string): (typeof DECISIONS)[number] {
  const found = DECISIONS.find((decision) => decision === text);
  if (found === undefined) throw new Error(`--decision ${text}: expected ${DECISIONS.join(', ')}`);
  return found;
}
