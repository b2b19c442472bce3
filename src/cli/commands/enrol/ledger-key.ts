/** `lianzheng enrol ledger-key`: the key that a gateway's ledger goes on with. */
import { Command } from 'commander';
import { acting, type Cli, type Outcome } from '../../cli.ts';

const EXAMPLE = `
The present key goes on signing. Send what is printed to the operators: it replaces \`ledger\` of your member in the next
registry and carries a signature of your seal key, without which nobody accepts another vkey. The gateway signs with the new
key as soon as it adopts that registry; it need not be restarted. Afterwards move the new file to the place of the old one.

Example:
  lianzheng enrol ledger-key --config bank-a.json`;

export function enrolLedgerKeyCommand(cli: Cli): Command {
  return new Command('ledger-key')
    .summary('make the next key of the ledger')
    .description(
      'Makes an Ed25519 key under the same name (the origin) beside the present one, at keys.ledgerNext (default <keys.ledger>.next).',
    )
    .requiredOption('--config <file>', 'configuration of the gateway')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, ({ config }: { config: string }) => enrol(cli, config)));
}

async function enrol(cli: Cli, config: string): Promise<Outcome> {
  const { file, member, ledger } = await cli.hooks.makeNextLedgerKey(config);
  return {
    json: { file, member, ledger },
    lines: [`key ${file}`, `send to the operators, as ledger of ${member}:`, JSON.stringify(ledger, null, 2)],
  };
}
