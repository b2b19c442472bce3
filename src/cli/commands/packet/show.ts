/** `lianzheng packet show`. */
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli } from '../../cli.ts';
import { packetLines } from './packet-lines.ts';

export function packetShowCommand(cli: Cli): Command {
  return withAccess(new Command('show'))
    .summary("show one packet's state, signatures and transfers")
    .description('Says who has signed and who has to, to whom it was offered, and who signed the receipt.')
    .argument('<id>', 'packet id')
    .addHelpText('after', '\nExample:\n  lianzheng packet show 01987f2e-7c1a-7000-8000-000000000001')
    .action(
      acting(cli, async (id: string, options: AccessOptions) => {
        const client = await clientOf(cli, options);
        const packet = await client.get('/v1/packets/{id}', { path: { id } });
        return { json: packet, lines: packetLines(packet) };
      }),
    );
}
