/** `lianzheng ledger fetch`: another member's ledger, under the audit grant. */
import { Command } from 'commander';
import { acting, type Cli } from '../../cli.ts';
import { writeExport } from './write-export.ts';

interface Options {
  readonly config: string;
  readonly member: string;
  readonly out: string;
}

export function ledgerFetchCommand(cli: Cli): Command {
  return new Command('fetch')
    .summary("fetch another member's ledger")
    .description(
      "Fetches /ledger/checkpoint and tiles from the member's gateway with the certificate of the configured gateway, which " +
        'needs an audit grant.',
    )
    .requiredOption('--config <file>', "configuration of the auditor's own gateway")
    .requiredOption('--member <id>', 'member whose ledger to fetch')
    .requiredOption('--out <directory>', 'where to write; an earlier export there is brought forward')
    .addHelpText(
      'after',
      '\nExample:\n  lianzheng ledger fetch --config auditor-d.json --member bank-a --out ledgers/bank-a',
    )
    .action(
      acting(cli, async ({ config, member, out }: Options) =>
        writeExport(cli, await cli.hooks.peerLedger(config, member), out),
      ),
    );
}
