/** `lianzheng enrol p12`: joins a person's key and certificate in one file with a password. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { readPrivateFile, writePrivateFile } from '../../../pki/private-file.ts';
import { writePkcs12 } from '../../../pki/pkcs12.ts';
import { x5t } from '../../../pki/thumbprint.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';

interface Options {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
  readonly passwordFile: string;
  readonly out: string;
}

export function enrolP12Command(cli: Cli): Command {
  return new Command('p12')
    .summary('make the PKCS#12 file that a person signs with')
    .description('Joins key, certificate and CA certificate; lianzheng packet sign takes the result.')
    .requiredOption('--key <file>', 'private key (PEM, mode 0600)')
    .requiredOption('--cert <file>', 'certificate (PEM)')
    .requiredOption('--ca <file>', "the alliance's CA certificate (PEM)")
    .requiredOption('--password-file <file>', 'file that holds the password')
    .requiredOption('--out <file>', 'where to write; an existing file is never overwritten')
    .addHelpText(
      'after',
      '\nExample:\n  lianzheng enrol p12 --key handler-1.key --cert handler-1.crt --ca ca.crt --password-file p --out handler-1.p12',
    )
    .action(acting(cli, (options: Options) => join(options)));
}

async function join(options: Options): Promise<Outcome> {
  const keyPem = (await readPrivateFile(options.key)).toString('utf8');
  const certPem = await readFile(options.cert, 'utf8');
  const chain = [await readFile(options.ca, 'utf8')];
  const password = (await readFile(options.passwordFile, 'utf8')).replace(/\r?\n$/, '');
  const out = resolve(options.out);
  await writePrivateFile(out, writePkcs12({ certPem, keyPem, chain }, password));
  return { json: { file: out, x5t: x5t(certPem) }, lines: [out] };
}
