/** `lianzheng ledger`: export, fetch, verify and follow ledgers, and proofs of single exchanges. */
import { Command } from 'commander';
import type { Cli } from '../../cli.ts';
import { ledgerExportCommand } from './export.ts';
import { ledgerFetchCommand } from './fetch.ts';
import { ledgerFollowCommand } from './follow.ts';
import { ledgerProofCommand } from './proof.ts';
import { ledgerWatchCommand } from './watch.ts';
import { ledgerVerifyCommand } from './verify.ts';
import { ledgerVerifyProofCommand } from './verify-proof.ts';

export function ledgerCommand(cli: Cli): Command {
  return new Command('ledger')
    .summary('export, fetch, verify and follow ledgers; prove one exchange')
    .description(
      'Each gateway keeps a C2SP transparency log of every act. Lay the logs of several members side by side and what one ' +
        'says and the other does not is named.',
    )
    .addCommand(ledgerExportCommand(cli))
    .addCommand(ledgerFetchCommand(cli))
    .addCommand(ledgerVerifyCommand(cli))
    .addCommand(ledgerFollowCommand(cli))
    .addCommand(ledgerWatchCommand(cli))
    .addCommand(ledgerProofCommand(cli))
    .addCommand(ledgerVerifyProofCommand(cli));
}
