/** `lianzheng enrol gateway`: every key of a gateway, and what the operators need of them. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { signEnrolment } from '../../../federation/enrolling/enrolment.ts';
import { createWitnessKey, readWitnessKey, witnessName } from '../../../ledger/notes/cosignature.ts';
import { createLedgerKey, readLedgerKey } from '../../../ledger/notes/note.ts';
import { readRequestKey } from '../../../pki/admission/request-key.ts';
import { writePrivateFile } from '../../../pki/private-file.ts';
import { generateRsaKey } from '../../../pki/private-key.ts';
import { createRequest } from '../../../pki/request.ts';
import { generateSealKey, importSigningKey } from '../../../wire/jws.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { replaceFile } from '../../replace-file.ts';

interface Options {
  readonly alliance: string;
  readonly member: string;
  readonly gateway: string;
  readonly dir: string;
  readonly origin?: string;
  readonly csr?: string;
}

const EXAMPLE = `
Writes tls.key, seal.jwk, ledger.key, witness.key and index.key (private), tls.csr, and enrolment.json: send the last two to the operators.
Every key in enrolment.json has signed it: read kid, vkey and witnessVkey to an operator by another channel, then nobody else can enrol as you.

A member with its own CA makes the TLS key where that CA wants it (RSA or EC) and gives the request with --csr; then no tls.key is made. The
certificate must carry the SAN URI that this prints, the exact host name, serverAuth and clientAuth, and live at most 90 days.

Examples:
  lianzheng enrol gateway --alliance lianzheng-east --member bank-a --gateway gw1 --dir keys
  lianzheng enrol gateway --alliance lianzheng-east --member bank-a --dir keys --csr own.csr`;

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
    .option(
      '--csr <file>',
      'certificate request that exists, instead of a TLS key and request made here (PEM)',
    )
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => enrol(options)));
}

async function enrol({ alliance, member, gateway, origin, ...options }: Options): Promise<Outcome> {
  const directory = resolve(options.dir);
  const tls = await tlsRequest(options.csr, `${member} ${gateway}`);
  const request = await readRequestKey(tls.csr);
  const seal = await generateSealKey('Ed25519');
  const ledgerOrigin = origin ?? `${alliance}.example/${member}/log`;
  const ledger = createLedgerKey(ledgerOrigin);
  const witness = createWitnessKey(witnessName(ledgerOrigin));
  const enrolment = await signEnrolment(
    {
      ...{ alliance, member, gateway, uri: `urn:lianzheng:${alliance}:${member}:${gateway}` },
      csr: request.sha256,
      keys: [{ kid: seal.kid, jwk: seal.publicJwk, alg: 'Ed25519', use: 'seal' }],
      ledger: { origin: ledgerOrigin, vkey: ledger.vkey, witnessVkey: witness.vkey },
    },
    {
      seal: await importSigningKey(seal.privateJwk),
      ledger: readLedgerKey(ledger.privateKey),
      witness: readWitnessKey(witness.privateKey),
    },
  );
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (tls.key !== undefined) await writePrivateFile(join(directory, 'tls.key'), tls.key);
  await writePrivateFile(join(directory, 'seal.jwk'), JSON.stringify(seal.privateJwk));
  await writePrivateFile(join(directory, 'ledger.key'), `${ledger.privateKey}\n`);
  await writePrivateFile(join(directory, 'witness.key'), `${witness.privateKey}\n`);
  await writePrivateFile(join(directory, 'index.key'), randomBytes(32).toString('base64url'));
  await replaceFile(join(directory, 'tls.csr'), tls.csr);
  await replaceFile(join(directory, 'enrolment.json'), `${JSON.stringify(enrolment, null, 2)}\n`);
  return {
    json: { directory, enrolment },
    lines: [
      `keys of ${member} ${gateway} are in ${directory}`,
      `  SAN URI ${enrolment.uri}`,
      `  kid     ${seal.kid}`,
      `  ledger  ${ledger.vkey}`,
      `  witness ${witness.vkey}`,
      'send tls.csr and enrolment.json to the operators',
    ],
  };
}

async function tlsRequest(
  csr: string | undefined,
  commonName: string,
): Promise<{ readonly csr: string; readonly key?: string }> {
  if (csr !== undefined) return { csr: await readFile(csr, 'utf8') };
  const key = await generateRsaKey();
  return { key, csr: createRequest('gateway', { commonName }, key) };
}
