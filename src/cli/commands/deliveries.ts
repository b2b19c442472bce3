/** `lianzheng deliveries`: what was sent to whom, and what became of it. */
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../api/access.ts';
import { acting, type Cli } from '../cli.ts';

interface Options extends AccessOptions {
  readonly state?: string;
  readonly limit: string;
}

export function deliveriesCommand(cli: Cli): Command {
  return withAccess(new Command('deliveries'))
    .summary('what was sent to whom, and what became of it')
    .description(
      'One row for each message and recipient, newest first: pending, sent, acked, refused, expired or given-up.',
    )
    .option('--state <state>', 'only deliveries in this state')
    .option('--limit <n>', 'at most this many rows', '50')
    .addHelpText('after', '\nExamples:\n  lianzheng deliveries\n  lianzheng deliveries --state refused')
    .action(
      acting(cli, async (options: Options) => {
        const client = await clientOf(cli, options);
        const { state, limit } = options;
        const found = await client.get('/v1/deliveries', { query: { state, limit } });
        const lines = found.deliveries.map(({ state: now, to, kind, mid, attempts, code }) =>
          [now.padEnd(8), to.padEnd(16), kind.padEnd(18), mid, `${attempts} attempts`, code ?? '']
            .join('  ')
            .trimEnd(),
        );
        return { json: found, lines: lines.length === 0 ? ['no deliveries'] : lines };
      }),
    );
}
