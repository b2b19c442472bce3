/** `lianzheng packet transfer`: offers a signed packet to a member. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Schemas } from '../../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import type { ApiClient } from '../../api/client.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { packetLines } from './packet-lines.ts';

type Packet = Schemas['Packet'];

interface Options extends AccessOptions {
  readonly to: string;
  readonly wait?: string;
}

const POLL_MS = 500;
const EXAMPLE = `
Example:
  lianzheng packet transfer 01987f2e-7c1a-7000-8000-000000000001 --to police-p
  lianzheng packet transfer 01987f2e-7c1a-7000-8000-000000000001 --to police-p --wait 600`;

export function packetTransferCommand(cli: Cli): Command {
  return withAccess(new Command('transfer'))
    .summary('transfer a signed packet to a member')
    .description('Logs and offers the bundle; the receiver pulls and verifies it in its own time.')
    .argument('<id>', 'packet id')
    .requiredOption('--to <member>', 'member that receives it')
    .option('--wait <seconds>', 'wait this long for the signed receipt; exit code 2 when it does not come')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (id: string, options: Options) => transfer(cli, id, options)));
}

async function transfer(cli: Cli, id: string, options: Options): Promise<Outcome> {
  const client = await clientOf(cli, options);
  const offered = await client.post('/v1/packets/{id}/transfers', { path: { id }, json: { to: options.to } });
  if (options.wait === undefined) return { json: offered, lines: packetLines(offered) };
  const packet = await receipted(client, offered, options);
  return { exitCode: isReceipted(packet, options.to) ? 0 : 2, json: packet, lines: packetLines(packet) };
}

async function receipted(client: ApiClient, offered: Packet, { to, wait }: Options): Promise<Packet> {
  const deadline = Date.now() + Number(wait) * 1000;
  let packet = offered;
  while (!isReceipted(packet, to) && Date.now() < deadline) {
    await sleep(POLL_MS);
    packet = await client.get('/v1/packets/{id}', { path: { id: offered.packetId } });
  }
  return packet;
}

function isReceipted(packet: Packet, to: string): boolean {
  return (packet.transfers ?? []).some((offer) => offer.to === to && offer.receiptedAt !== undefined);
}
