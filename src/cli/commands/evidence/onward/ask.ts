/** `lianzheng evidence onward ask`. */
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../../../api/access.ts';
import { acting, several, type Cli } from '../../../cli.ts';
import { onwardLine } from './list.ts';

interface Options extends AccessOptions {
  readonly from: string;
  readonly basis: readonly string[];
  readonly to: string;
  readonly group: string;
  readonly purpose: string;
  readonly reason: string;
}

const EXAMPLE = `
The reason is signed for ever: name no person in it.

Example:
  lianzheng evidence onward ask 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 --from regulator-r \\
    --basis Order310-3 --to bank-a --group case-transfer --purpose CRIMINAL_TRANSFER --reason '银行需据此止付'`;

export function onwardAskCommand(cli: Cli): Command {
  return withAccess(new Command('ask'))
    .summary('ask whether a file may go on')
    .description('Logs the request and sends it to the member that gave the file.')
    .argument('<sha256>', 'SHA-256 of the file, hex')
    .requiredOption('--from <member>', 'member that gave it')
    .requiredOption('--basis <basis>', 'legal basis by which it came; give the option once for each', several)
    .requiredOption('--to <member>', 'member that is to get it')
    .requiredOption('--group <group>', 'group in which it is to go')
    .requiredOption('--purpose <purpose>', 'purpose for which it is to go')
    .requiredOption('--reason <text>', 'for the officer who decides')
    .addHelpText('after', EXAMPLE)
    .action(
      acting(cli, async (sha256: string, options: Options) => {
        const client = await clientOf(cli, options);
        const { from, to, group, purpose, reason, basis } = options;
        const json = { sha256, from, legalBasis: [...basis], to, group, purpose, reason };
        const made = await client.post('/v1/onward-requests', { json });
        return { json: made, lines: [onwardLine(made)] };
      }),
    );
}
