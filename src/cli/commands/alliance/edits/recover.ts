/** `lianzheng alliance recover`: new keys for a member that lost its own, by a decision that stays on record. */
import { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { seconds } from '../../../../core/clock.ts';
import { GatewayError } from '../../../../core/errors.ts';
import type { Edit } from '../../../../federation/drafting/draft.ts';
import { memberOf } from '../../../../federation/drafting/edit.ts';
import { addCertificate, addKey, changeLedger } from '../../../../federation/drafting/member-keys.ts';
import { reinstate } from '../../../../federation/drafting/membership.ts';
import { readEnrolment } from '../../../../federation/enrolling/enrolment.ts';
import { readRequestKey } from '../../../../pki/admission/request-key.ts';
import { oneOf, several, type Cli } from '../../../cli.ts';
import { readJsonFile } from '../../../read-json-file.ts';
import { sealKeys } from './admit.ts';
import { obtainCertificate, withCertificateOptions, type CertificateOptions } from './certificate-options.ts';
import { EDIT_HELP, editing, type EditContext, type EditOptions, type PreparedEdit } from './edit-command.ts';

interface Options extends EditOptions, CertificateOptions {
  readonly reason: string;
  readonly part: readonly string[];
  readonly csr?: string;
  readonly authority?: string;
  readonly keyDays: string;
}

const PARTS = ['seal', 'ledger', 'tls'] as const;
const EXAMPLE = `
A member's seal key and ledger key change by the member's earlier key (lianzheng alliance rotate). Where that is lost or stolen, the operators
vouch instead: date and reason stand in the registry for ever. Make sure by other means that the enrolment is the member's: meet, or telephone.
The member makes ENROLMENT with lianzheng enrol gateway --dir new. A log keeps its origin when only its key is lost; with another origin a new log begins.
${EDIT_HELP}
Examples:
  lianzheng alliance recover enrolment.json --part seal --reason "HSM destroyed, protocol of 3 March" --dir alliance
  lianzheng alliance recover enrolment.json --part seal --part ledger --part tls --csr tls.csr --reason "break-in" --dir alliance`;

export function allianceRecoverCommand(cli: Cli): Command {
  const command = new Command('recover')
    .summary('draft: new keys for a member that lost its own, on record')
    .description(
      "Lists keys that nothing but the operators' recorded decision vouches for; a member that had left is active again.",
    )
    .argument('<enrolment>', 'enrolment.json with the new keys')
    .requiredOption('--reason <text>', 'why, up to 200 characters; stands in the registry')
    .requiredOption('--part <part>', 'seal, ledger or tls; once for each', several)
    .option('--csr <file>', 'certificate request of the enrolment, with --part tls')
    .option('--authority <host:port>', 'gateway that the certificate is for, when the member has several')
    .option('--key-days <n>', 'how long a seal key is good for', '365');
  return editing<Options>(cli, withCertificateOptions(command), (options, context, [path = '']) =>
    prepare(options, context, path),
  ).addHelpText('after', EXAMPLE);
}

async function prepare(options: Options, context: EditContext, path: string): Promise<PreparedEdit> {
  const { body } = context.home.previous;
  const enrolment = await readEnrolment(await readJsonFile(path), context.home.schemas);
  if (enrolment.alliance !== body.alliance)
    throw new GatewayError(
      'enrolment.invalid',
      `the enrolment is for ${enrolment.alliance}, not ${body.alliance}`,
    );
  const { member } = enrolment;
  const listed = memberOf(body, member);
  const endorsement = { recovery: { at: context.issuedAt.toISOString(), reason: options.reason } };
  const parts = options.part.map((part) => oneOf('--part', part, PARTS));
  const wants = (part: (typeof PARTS)[number]): boolean => parts.includes(part);
  const edits: Edit[] = [];
  if (wants('seal'))
    for (const key of sealKeys(enrolment, context, Number(options.keyDays)))
      edits.push(addKey(member, { ...key, endorsement }));
  if (wants('ledger')) edits.push(changeLedger(member, { ...enrolment.ledger, endorsement }));
  const tls = wants('tls') ? await certificateEdit(options, { enrolment, context }) : undefined;
  if (tls !== undefined) edits.push(tls.edit);
  if (listed.status !== 'active' && wants('seal')) edits.push(reinstate(member));
  return { edit: (from) => edits.reduce((edited, edit) => edit(edited), from), files: tls?.files ?? [] };
}

async function certificateEdit(
  options: Options,
  { enrolment, context }: { enrolment: Awaited<ReturnType<typeof readEnrolment>>; context: EditContext },
): Promise<PreparedEdit> {
  if (options.csr === undefined) throw new Error('--part tls needs --csr');
  const csrPem = await readFile(options.csr, 'utf8');
  const request = await readRequestKey(csrPem);
  if (request.sha256 !== enrolment.csr)
    throw new GatewayError(
      'enrolment.invalid',
      'the certificate request is not the one that the enrolment names',
    );
  const { member, uri } = enrolment;
  const listed = memberOf(context.home.previous.body, member);
  const authority = options.authority ?? listed.gateways[0]?.authority ?? '';
  const order = { csrPem, request, uri, authority };
  const { certificate, ca, files } = await obtainCertificate(options, order, context);
  return { edit: addCertificate({ member, authority, certificate, ca, now: seconds(context.now) }), files };
}
