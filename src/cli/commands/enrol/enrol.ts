/** `lianzheng enrol`: keys are made where they are used; only requests and public keys travel. */
import { Command } from 'commander';
import type { Cli } from '../../cli.ts';
import { enrolGatewayCommand } from './gateway.ts';
import { enrolLedgerKeyCommand } from './ledger-key.ts';
import { enrolOfficerCommand } from './officer.ts';
import { enrolP12Command } from './p12.ts';

export function enrolCommand(cli: Cli): Command {
  return new Command('enrol')
    .summary('make keys and certificate requests of a gateway or a person')
    .description(
      'Private keys are written with mode 0600 and never leave the machine; the operators get requests and public keys.',
    )
    .addCommand(enrolGatewayCommand(cli))
    .addCommand(enrolLedgerKeyCommand(cli))
    .addCommand(enrolOfficerCommand(cli))
    .addCommand(enrolP12Command(cli));
}
