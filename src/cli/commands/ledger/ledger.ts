/** `lianzheng ledger`: export, fetch and verify ledgers. */
import { Command } from 'commander';
import type { Cli } from '../../cli.ts';
import { ledgerExportCommand } from './export.ts';
import { ledgerFetchCommand } from './fetch.ts';
import { ledgerVerifyCommand } from './verify.ts';

export function ledgerCommand(cli: Cli): Command {
  return new Command('ledger')
    .summary('export, fetch and verify ledgers')
    .description(
      'Each gateway keeps a C2SP transparency log of every act. Lay the logs of several members side by side and what one ' +
        'says and the other does not is named.',
    )
    .addCommand(ledgerExportCommand(cli))
    .addCommand(ledgerFetchCommand(cli))
    .addCommand(ledgerVerifyCommand(cli));
}
