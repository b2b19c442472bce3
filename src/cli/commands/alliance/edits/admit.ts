/** `lianzheng alliance admit`: a new member, from what it sent. */
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { seconds } from '../../../../core/clock.ts';
import { GatewayError } from '../../../../core/errors.ts';
import { isUscc } from '../../../../core/identifiers.ts';
import { admit } from '../../../../federation/drafting/membership.ts';
import { readEnrolment, type Enrolment } from '../../../../federation/enrolling/enrolment.ts';
import type { MemberKey, MemberRole } from '../../../../federation/registry/registry-types.ts';
import { readRequestKey } from '../../../../pki/admission/request-key.ts';
import { several, type Cli } from '../../../cli.ts';
import { readJsonFile } from '../../../read-json-file.ts';
import { obtainCertificate, withCertificateOptions, type CertificateOptions } from './certificate-options.ts';
import { EDIT_HELP, editing, type EditContext, type EditOptions, type PreparedEdit } from './edit-command.ts';

interface Options extends EditOptions, CertificateOptions {
  readonly csr: string;
  readonly name: string;
  readonly uscc: string;
  readonly region: string;
  readonly level: string;
  readonly role: readonly string[];
  readonly authority: string;
  readonly group?: readonly string[];
  readonly keyDays: string;
}

const DAY_SECONDS = 86_400;
const EXAMPLE = `
ENROLMENT and the request are what lianzheng enrol gateway made at the member. Compare kid, vkey and witnessVkey with the member by
another channel (telephone, paper): whoever is admitted with these keys is the member. Names are your decision, never taken from the request.
${EDIT_HELP}
Examples:
  lianzheng alliance admit enrolment.json --csr tls.csr --name 甲银行 --uscc 91999999MA0TEBNK03 --region 999999 --level city \\
    --role institution --authority gw.bank-a.example:8443 --group broker-features --out tls.crt
  lianzheng alliance admit enrolment.json --csr tls.csr --cert tls.crt --member-ca bank-ca.crt --name … --authority …`;

export function allianceAdmitCommand(cli: Cli): Command {
  const command = new Command('admit')
    .summary('draft: take a member in')
    .description(
      "Checks the member's signed key set and certificate request, issues its certificate (or takes one from its own CA), and lists it.",
    )
    .argument('<enrolment>', 'enrolment.json of the member')
    .requiredOption('--csr <file>', "the member's certificate request (PEM)")
    .requiredOption('--name <name>', 'name of the organisation')
    .requiredOption('--uscc <code>', 'unified social credit code, 18 characters')
    .requiredOption('--region <code>', 'region code of GB/T 2260, 6 digits')
    .requiredOption('--level <level>', 'administrative level, e.g. city')
    .requiredOption('--role <role>', 'institution, regulator, police, …; once for each', several)
    .requiredOption('--authority <host:port>', 'address at which peers call its gateway')
    .option('--group <id>', 'sharing group to put it into; once for each', several)
    .option('--key-days <n>', 'how long its seal key is good for', '365');
  return editing<Options>(cli, withCertificateOptions(command), (options, context, [path = '']) =>
    prepare(options, context, path),
  ).addHelpText('after', EXAMPLE);
}

async function prepare(options: Options, context: EditContext, path: string): Promise<PreparedEdit> {
  const { alliance } = context.home.previous.body;
  const enrolment = await readEnrolment(await readJsonFile(path), context.home.schemas);
  if (enrolment.alliance !== alliance)
    throw new GatewayError(
      'enrolment.invalid',
      `the enrolment is for ${enrolment.alliance}, not ${alliance}`,
    );
  if (!isUscc(options.uscc)) throw new Error('--uscc: its check character is wrong');
  const csrPem = await readFile(options.csr, 'utf8');
  const request = await readRequestKey(csrPem);
  if (request.sha256 !== enrolment.csr)
    throw new GatewayError(
      'enrolment.invalid',
      'the certificate request is not the one that the enrolment names',
    );
  const { uri, member: id, ledger } = enrolment;
  const { authority, name, uscc, region, level } = options;
  const { certificate, ca, files } = await obtainCertificate(
    options,
    { csrPem, request, uri, authority },
    context,
  );
  const edit = admit({
    particulars: { id, name, uscc, region, level, roles: options.role as readonly MemberRole[] },
    ...{ authority, certificate, ca, ledger, groups: options.group ?? [] },
    keys: sealKeys(enrolment, context, Number(options.keyDays)),
  });
  return { edit, files };
}

export function sealKeys(enrolment: Enrolment, { now }: EditContext, days: number): readonly MemberKey[] {
  const nbf = seconds(now);
  return enrolment.keys.map((key) => ({ ...key, nbf, exp: nbf + days * DAY_SECONDS }));
}
