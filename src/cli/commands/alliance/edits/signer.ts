/** `lianzheng alliance signer`: a person of a member who may sign evidence. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { seconds } from '../../../../core/clock.ts';
import { GatewayError } from '../../../../core/errors.ts';
import { addSigner } from '../../../../federation/drafting/member-keys.ts';
import type { RegistrySigner } from '../../../../federation/registry/registry-types.ts';
import { issueCertificate } from '../../../../pki/issue.ts';
import { certificateFault } from '../../../../pki/signer-certificate.ts';
import { readCertificate, x5t } from '../../../../pki/thumbprint.ts';
import { several, type Cli } from '../../../cli.ts';
import { readAuthority } from '../home.ts';
import { EDIT_HELP, editing, type EditContext, type EditOptions, type PreparedEdit } from './edit-command.ts';

interface Options extends EditOptions {
  readonly role: readonly string[];
  readonly csr?: string;
  readonly person?: string;
  readonly certDays: string;
  readonly out: string;
  readonly cert?: string;
}

const DAY_MS = 86_400_000;
const EXAMPLE = `
The person made PERSON.csr with lianzheng enrol officer. A certificate of another CA counts when that CA is listed (lianzheng alliance rotate ca --add).
${EDIT_HELP}
Examples:
  lianzheng alliance signer bank-a --person handler-1 --csr handler-1.csr --role HANDLER --out handler-1.crt --dir alliance
  lianzheng alliance signer bank-a --cert handler-1.crt --role HANDLER --dir alliance`;

export function allianceSignerCommand(cli: Cli): Command {
  const command = new Command('signer')
    .summary('draft: a person who signs for a member')
    .description(
      'Issues the certificate of an officer, or takes one, and lists it with the roles in which the person signs.',
    )
    .argument('<member>', 'member id')
    .requiredOption(
      '--role <role>',
      'HANDLER, LEGAL_REVIEWER, APPROVER, PROVIDER or RECEIVER; once for each',
      several,
    )
    .option('--csr <file>', "the person's certificate request (PEM)")
    .option('--person <id>', 'id of the person within the member, with --csr')
    .option('--cert-days <n>', 'how long the issued certificate is good for, up to 1096', '365')
    .option('--out <file>', 'where to write the issued certificate (PEM)', 'officer.crt')
    .option('--cert <file>', 'certificate that exists, instead of issuing one (PEM)');
  return editing<Options>(cli, command, (options, context, [member = '']) =>
    prepare(options, context, member),
  ).addHelpText('after', EXAMPLE);
}

async function prepare(options: Options, context: EditContext, member: string): Promise<PreparedEdit> {
  if ((options.cert === undefined) === (options.csr === undefined)) throw new Error('give --csr or --cert');
  const certPem =
    options.cert === undefined ? await issue(options, context, member) : await readFile(options.cert, 'utf8');
  const certificate = readCertificate(certPem);
  // Issued moments ago by a clock that may be ours: judged at the start of its life.
  const at = new Date(Math.max(context.now.getTime(), Date.parse(certificate.validFrom)));
  const fault = certificateFault(certificate, context.home.previous.body.cas, at);
  if (fault !== undefined) throw new GatewayError('pki.certificate-invalid', fault.problem);
  const signer: RegistrySigner = {
    x5t: x5t(certPem),
    roles: options.role,
    nbf: seconds(new Date(certificate.validFrom)),
    exp: seconds(new Date(certificate.validTo)),
  };
  const files = options.cert === undefined ? [{ path: resolve(options.out), text: certPem }] : [];
  return { edit: addSigner(member, signer), files };
}

async function issue(
  { csr = '', person, certDays }: Options,
  { home, now }: EditContext,
  member: string,
): Promise<string> {
  if (person === undefined) throw new Error('--csr needs --person');
  return issueCertificate({
    ca: await readAuthority(home.directory),
    csrPem: await readFile(csr, 'utf8'),
    profile: 'officer',
    names: { uri: `urn:lianzheng:${home.previous.body.alliance}:${member}:person:${person}` },
    nbf: now,
    exp: new Date(now.getTime() + Number(certDays) * DAY_MS),
  });
}
