/** `lianzheng packet list`. */
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli } from '../../cli.ts';
import { packetLine } from './packet-lines.ts';

interface Options extends AccessOptions {
  readonly direction?: string;
  readonly state?: string;
  readonly limit: string;
}

export function packetListCommand(cli: Cli): Command {
  return withAccess(new Command('list'))
    .summary('list packets, newest first')
    .description('Packets made here (out) and offered to us (in).')
    .option('--direction <direction>', 'in or out')
    .option('--state <state>', 'only packets in this state')
    .option('--limit <n>', 'at most this many', '50')
    .addHelpText('after', '\nExample:\n  lianzheng packet list --direction in --state received')
    .action(
      acting(cli, async (options: Options) => {
        const client = await clientOf(cli, options);
        const { direction, state, limit } = options;
        const found = await client.get('/v1/packets', { query: { direction, state, limit } });
        const lines = found.packets.map(packetLine);
        return { json: found, lines: lines.length === 0 ? ['no packets'] : lines };
      }),
    );
}
