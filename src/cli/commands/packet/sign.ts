/** `lianzheng packet sign`: a signatory signs the manifest, locally. */
import { Command } from 'commander';
import { sha256Hex } from '../../../core/digest.ts';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { signLocally, withSigning, type SigningOptions } from '../../sign-locally.ts';
import { packetLines } from './packet-lines.ts';

type Options = AccessOptions & SigningOptions;

const EXAMPLE = `
Fetches the manifest, signs it here (CAdES), and sends only the signature. With the last signature the container is written.

Example:
  lianzheng packet sign 01987f2e-7c1a-7000-8000-000000000001 --p12 handler-1.p12 --password-file handler-1.password`;

export function packetSignCommand(cli: Cli): Command {
  return withSigning(withAccess(new Command('sign')))
    .summary('sign a packet as one of its signatories')
    .description('Your certificate must be registered for the role that the packet gives you.')
    .argument('<id>', 'packet id')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (id: string, options: Options) => sign(cli, id, options)));
}

async function sign(cli: Cli, id: string, options: Options): Promise<Outcome> {
  const client = await clientOf(cli, options);
  const manifest = await client.bytes('/v1/packets/{id}/manifest', { path: { id } });
  cli.terminal.error(`signing the manifest with SHA-256 ${sha256Hex(manifest)}\n`);
  const packet = await client.upload('/v1/packets/{id}/signatures', {
    path: { id },
    type: 'application/pkcs7-signature',
    body: await signLocally(cli, manifest, options),
  });
  return { json: packet, lines: packetLines(packet) };
}
