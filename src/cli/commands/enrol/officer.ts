/** `lianzheng enrol officer`: the key of a person who signs, and the request for their certificate. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { MEMBER_ID } from '../../../core/ids.ts';
import { writePrivateFile } from '../../../pki/private-file.ts';
import { generateRsaKey } from '../../../pki/private-key.ts';
import { createRequest } from '../../../pki/request.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';

interface Options {
  readonly person: string;
  readonly name: string;
  readonly organisation: string;
  readonly dir: string;
}

const EXAMPLE = `
Send PERSON.csr to the operators; join their certificate with the key by lianzheng enrol p12.

Example:
  lianzheng enrol officer --person handler-1 --name 王某 --organisation 某金融监管局 --dir people`;

export function enrolOfficerCommand(cli: Cli): Command {
  return new Command('officer')
    .summary('make the key of a person who signs')
    .description("Makes an RSA-3072 key and a certificate request, on the person's own machine.")
    .requiredOption('--person <id>', 'id of the person within the member')
    .requiredOption('--name <name>', "the person's name")
    .requiredOption('--organisation <name>', "the member's name")
    .requiredOption('--dir <directory>', 'where to write; an existing key is never overwritten')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => enrol(options)));
}

async function enrol({ person, name, organisation, dir }: Options): Promise<Outcome> {
  if (!MEMBER_ID.test(person)) throw new Error(`--person: expected ${String(MEMBER_ID)}`);
  const directory = resolve(dir);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keyPem = await generateRsaKey();
  const csr = join(directory, `${person}.csr`);
  const key = join(directory, `${person}.key`);
  await writePrivateFile(key, keyPem);
  await writeFile(csr, createRequest('officer', { commonName: name, organization: organisation }, keyPem));
  return { json: { key, csr }, lines: [`key ${key}`, `send ${csr} to the operators`] };
}
