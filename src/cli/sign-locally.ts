/** A person signs on their own machine: the PKCS#12 and its password never leave it. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { systemClock } from '../core/clock.ts';
import { signDetached } from '../pki/cms.ts';
import { readPkcs12 } from '../pki/pkcs12.ts';
import { readPrivateFile } from '../pki/private-file.ts';
import type { Cli } from './cli.ts';

export interface SigningOptions {
  readonly p12: string;
  readonly passwordFile?: string;
}

export function withSigning(command: Command): Command {
  return command
    .requiredOption('--p12 <file>', 'your PKCS#12 file, mode 0600; it stays on this machine')
    .option('--password-file <file>', 'file that holds its password (or set LIANZHENG_P12_PASSWORD)');
}

/** DER CMS, detached, one SignerInfo over exactly `content`. */
export async function signLocally(cli: Cli, content: Buffer, options: SigningOptions): Promise<Buffer> {
  const password = await passwordOf(cli, options);
  const { certPem, keyPem, chain } = readPkcs12(await readPrivateFile(options.p12), password);
  return signDetached(content, { certPem, keyPem, chainPem: chain }, systemClock());
}

async function passwordOf(cli: Cli, { passwordFile }: SigningOptions): Promise<string> {
  if (passwordFile !== undefined) return (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '');
  const password = cli.environment['LIANZHENG_P12_PASSWORD'];
  if (password === undefined)
    throw new Error('the PKCS#12 needs --password-file FILE or LIANZHENG_P12_PASSWORD');
  return password;
}
