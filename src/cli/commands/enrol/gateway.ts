/** `lianzheng enrol gateway`: every key of a gateway, and what the operators need of them. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { createWitnessKey, witnessName } from '../../../ledger/notes/cosignature.ts';
import { createLedgerKey } from '../../../ledger/notes/note.ts';
import { writePrivateFile } from '../../../pki/private-file.ts';
import { generateRsaKey } from '../../../pki/private-key.ts';
import { createRequest } from '../../../pki/request.ts';
import { generateSealKey } from '../../../wire/jws.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';

interface Options {
  readonly alliance: string;
  readonly member: string;
  readonly gateway: string;
  readonly dir: string;
  readonly origin?: string;
}

const EXAMPLE = `
Writes tls.key, seal.jwk, ledger.key, witness.key and index.key (private), tls.csr, and enrolment.json: send the last two to the operators.

Example:
  lianzheng enrol gateway --alliance lianzheng-east --member bank-a --gateway gw1 --dir keys`;

export function enrolGatewayCommand(cli: Cli): Command {
  return new Command('gateway')
    .summary('make the keys of a gateway')
    .description(
      'Makes the keys for TLS, seals, ledger, witness and lookup index, and a certificate request.',
    )
    .requiredOption('--alliance <name>', 'name of the alliance')
    .requiredOption('--member <id>', 'your member id')
    .option('--gateway <id>', 'id of the gateway within the member', 'gw1')
    .requiredOption('--dir <directory>', 'where to write; existing keys are never overwritten')
    .option('--origin <name>', "name of the gateway's ledger (default <alliance>.example/<member>/log)")
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => enrol(options)));
}

async function enrol({ alliance, member, gateway, origin, ...options }: Options): Promise<Outcome> {
  const directory = resolve(options.dir);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const tlsKey = await generateRsaKey();
  const seal = await generateSealKey('Ed25519');
  const ledgerOrigin = origin ?? `${alliance}.example/${member}/log`;
  const ledger = createLedgerKey(ledgerOrigin);
  const witness = createWitnessKey(witnessName(ledgerOrigin));
  const csr = createRequest('gateway', { commonName: `${member} ${gateway}` }, tlsKey);
  await writePrivateFile(join(directory, 'tls.key'), tlsKey);
  await writePrivateFile(join(directory, 'seal.jwk'), JSON.stringify(seal.privateJwk));
  await writePrivateFile(join(directory, 'ledger.key'), `${ledger.privateKey}\n`);
  await writePrivateFile(join(directory, 'witness.key'), `${witness.privateKey}\n`);
  await writePrivateFile(join(directory, 'index.key'), randomBytes(32).toString('base64url'));
  await writeFile(join(directory, 'tls.csr'), csr);
  const enrolment = {
    alliance,
    member,
    gateway,
    uri: `urn:lianzheng:${alliance}:${member}:${gateway}`,
    keys: [{ kid: seal.kid, jwk: seal.publicJwk, alg: 'Ed25519', use: 'seal' }],
    ledger: { origin: ledgerOrigin, vkey: ledger.vkey, witnessVkey: witness.vkey },
  };
  await writeFile(join(directory, 'enrolment.json'), `${JSON.stringify(enrolment, null, 2)}\n`);
  return {
    json: { directory, enrolment },
    lines: [
      `keys of ${member} ${gateway} are in ${directory}`,
      'send tls.csr and enrolment.json to the operators',
    ],
  };
}
