/** `lianzheng features list`: the features of a group. */
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli } from '../../cli.ts';

interface Options extends AccessOptions {
  readonly group: string;
  readonly limit: string;
  readonly after?: string;
}

export function featuresListCommand(cli: Cli): Command {
  return withAccess(new Command('list'))
    .summary('list the features of a sharing group')
    .description("Lists your own and the other members' features of a group, oldest first, one page a call.")
    .requiredOption('--group <group>', 'sharing group')
    .option('--limit <n>', 'rows of the page, up to 1000', '100')
    .option('--after <cursor>', '`next` of the page before')
    .addHelpText('after', '\nExample:\n  lianzheng features list --group broker-features --limit 20')
    .action(
      acting(cli, async (options: Options) => {
        const client = await clientOf(cli, options);
        const { group, limit, after } = options;
        const page = await client.get('/v1/groups/{group}/features', {
          path: { group },
          query: { limit, after },
        });
        const rows = page.features.map(({ type, value, member, confidence }) =>
          [type.padEnd(18), value ?? '(erased)', `${confidence ?? ''}`, member].join('  '),
        );
        return {
          json: page,
          lines: page.next === undefined ? rows : [...rows, `next page: --after ${page.next}`],
        };
      }),
    );
}
