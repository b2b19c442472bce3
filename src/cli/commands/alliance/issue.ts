/** `lianzheng alliance issue`: a certificate for a gateway or an officer. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { seconds, systemClock } from '../../../core/clock.ts';
import { issueCertificate } from '../../../pki/issue.ts';
import { x5t } from '../../../pki/thumbprint.ts';
import { acting, several, type Cli, type Outcome } from '../../cli.ts';
import { readAuthority } from './home.ts';

interface Options {
  readonly dir: string;
  readonly csr: string;
  readonly profile: string;
  readonly uri: string;
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  readonly days: string;
  readonly out: string;
}

const DAY_MS = 86_400_000;
const EXAMPLE = `
The names are the operator's decision, never taken from the request. The thumbprint goes into the registry: gateways[].certs or signers[].

Examples:
  lianzheng alliance issue --dir alliance --csr tls.csr --profile gateway \\
    --uri urn:lianzheng:lianzheng-east:bank-a:gw1 --dns gw.bank-a.example --days 89 --out tls.crt
  lianzheng alliance issue --dir alliance --csr handler-1.csr --profile officer \\
    --uri urn:lianzheng:lianzheng-east:regulator-r:person:handler-1 --days 365 --out handler-1.crt`;

export function allianceIssueCommand(cli: Cli): Command {
  return new Command('issue')
    .summary('issue a certificate for a request')
    .description(
      'For a gateway (TLS, at most 90 days) or an officer (signatures); profiles are in certs/profiles.json.',
    )
    .requiredOption('--dir <directory>', "the operators' directory, with ca.key and ca.crt")
    .requiredOption('--csr <file>', 'certificate request (PEM)')
    .requiredOption('--profile <profile>', 'gateway or officer')
    .requiredOption('--uri <uri>', 'subject name urn:lianzheng:…')
    .option('--dns <name>', 'host name of a gateway; give the option once for each', several)
    .option('--ip <address>', 'address of a gateway; give the option once for each', several)
    .option('--days <n>', 'how long it is good for', '89')
    .requiredOption('--out <file>', 'where to write the certificate (PEM)')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => issue(options)));
}

async function issue(options: Options): Promise<Outcome> {
  const { profile, uri, dns, ip } = options;
  if (profile !== 'gateway' && profile !== 'officer')
    throw new Error('--profile: expected gateway or officer');
  const nbf = systemClock();
  const exp = new Date(nbf.getTime() + Number(options.days) * DAY_MS);
  const certPem = issueCertificate({
    ca: await readAuthority(options.dir),
    csrPem: await readFile(options.csr, 'utf8'),
    profile,
    names: { uri, ...(dns === undefined ? {} : { dns }), ...(ip === undefined ? {} : { ip }) },
    nbf,
    exp,
  });
  const out = resolve(options.out);
  await writeFile(out, certPem);
  const listed = { x5t: x5t(certPem), nbf: seconds(nbf), exp: seconds(exp) };
  return {
    json: { file: out, ...listed },
    lines: [out, `x5t ${listed.x5t}, until ${exp.toISOString()}`],
  };
}
