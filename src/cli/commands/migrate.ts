/** `lianzheng migrate`: brings the database of a gateway forward. */
import { Command } from 'commander';
import { acting, type Cli } from '../cli.ts';

export function migrateCommand(cli: Cli): Command {
  return new Command('migrate')
    .summary("bring a gateway's database forward")
    .description(
      'Applies the migrations that the database lacks. Needs the owner of the tables (database.ownerUrl), not the ' +
        "gateway's own role: that one may not alter or delete ledger entries.",
    )
    .requiredOption('--config <file>', 'configuration of the gateway')
    .addHelpText('after', '\nExample:\n  lianzheng migrate --config /etc/lianzheng/bank-a.json')
    .action(
      acting(cli, async ({ config }: { config: string }) => {
        const applied = await cli.hooks.migrate(config);
        const lines =
          applied.length === 0 ? ['the database is up to date'] : applied.map((name) => `applied ${name}`);
        return { json: { applied }, lines };
      }),
    );
}
