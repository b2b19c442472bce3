/** `lianzheng packet receipt`: the receiving officer signs what was received, locally. */
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { signLocally, withSigning, type SigningOptions } from '../../sign-locally.ts';
import { packetLines } from './packet-lines.ts';

type Options = AccessOptions & SigningOptions;

const EXAMPLE = `
The receipt 回执 names the packet, its digests and when it came in; the sender keeps the signature as proof.

Example:
  lianzheng packet receipt 01987f2e-7c1a-7000-8000-000000000001 --p12 intake-1.p12 --password-file intake-1.password`;

export function packetReceiptCommand(cli: Cli): Command {
  return withSigning(withAccess(new Command('receipt')))
    .summary('sign the receipt of a packet that was received')
    .description('For the receiver: the packet must be received, that is pulled and verified.')
    .argument('<id>', 'packet id')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (id: string, options: Options) => receipt(cli, id, options)));
}

async function receipt(cli: Cli, id: string, options: Options): Promise<Outcome> {
  const client = await clientOf(cli, options);
  const document = await client.bytes('/v1/packets/{id}/receipt', { path: { id } });
  cli.terminal.error(`signing: ${document.toString('utf8')}\n`);
  const packet = await client.upload('/v1/packets/{id}/receipt', {
    path: { id },
    type: 'application/pkcs7-signature',
    body: await signLocally(cli, document, options),
  });
  return { json: packet, lines: packetLines(packet) };
}
