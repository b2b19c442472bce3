/** `lianzheng ledger export`: this gateway's own ledger. */
import { Command } from 'commander';
import { acting, type Cli } from '../../cli.ts';
import { writeExport } from './write-export.ts';

interface Options {
  readonly config: string;
  readonly out: string;
}

export function ledgerExportCommand(cli: Cli): Command {
  return new Command('export')
    .summary("write this gateway's ledger as files")
    .description(
      'Reads the database of the configured gateway and writes checkpoint and tiles (C2SP tlog-tiles).',
    )
    .requiredOption('--config <file>', 'configuration of the gateway')
    .requiredOption('--out <directory>', 'where to write; an earlier export there is brought forward')
    .addHelpText('after', '\nExample:\n  lianzheng ledger export --config bank-a.json --out ledgers/bank-a')
    .action(
      acting(cli, async ({ config, out }: Options) =>
        writeExport(cli, await cli.hooks.ownLedger(config), out),
      ),
    );
}
