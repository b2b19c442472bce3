/** `lianzheng ledger watch`: how the members' watch over each other's ledgers stands at this gateway. */
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';

export function ledgerWatchCommand(cli: Cli): Command {
  return withAccess(new Command('watch'))
    .summary('whether the ledger may grow, who cosigned it, who forked')
    .description(
      'Asks the gateway; needs the scope audit:read. Exit code 1 when it is quarantined or a log forked.',
    )
    .addHelpText('after', '\nExample:\n  lianzheng ledger watch')
    .action(acting(cli, (options: AccessOptions) => watch(cli, options)));
}

async function watch(cli: Cli, options: AccessOptions): Promise<Outcome> {
  const found = await (await clientOf(cli, options)).get('/v1/ledger/watch');
  const { state, reason, cosigned, witnessed, forks } = found;
  return {
    exitCode: state === 'quarantined' || forks.length > 0 ? 1 : 0,
    json: { ...found },
    lines: [
      `ledger ${state}${reason === '' ? '' : `: ${reason}`}`,
      ...cosigned.map(({ witness, size }) => `  cosigned by  ${witness}  ${size ?? 'never'}`),
      ...witnessed.map(({ origin, size }) => `  we cosigned  ${origin}  ${size}`),
      ...forks.map(
        ({ origin, foundAt }) => `  FORK         ${origin}  found ${foundAt}; --json shows both notes`,
      ),
    ],
  };
}
