/** `lianzheng alliance rotate`: a member's next certificate or key, from the file that the member signed. */
import { Command } from 'commander';
import { seconds } from '../../../../core/clock.ts';
import { GatewayError } from '../../../../core/errors.ts';
import type { Edit } from '../../../../federation/drafting/draft.ts';
import { memberOf } from '../../../../federation/drafting/edit.ts';
import { addCertificate, addKey, changeLedger } from '../../../../federation/drafting/member-keys.ts';
import { demandOwnWish, readRotation, type Rotation } from '../../../../federation/enrolling/rotation.ts';
import { readRequestKey } from '../../../../pki/admission/request-key.ts';
import type { Cli } from '../../../cli.ts';
import { readJsonFile } from '../../../read-json-file.ts';
import { obtainCertificate, withCertificateOptions, type CertificateOptions } from './certificate-options.ts';
import { EDIT_HELP, editing, type EditContext, type EditOptions, type PreparedEdit } from './edit-command.ts';
import { rotateAuthorityCommand, rotateFreshnessCommand, rotateOperatorCommand } from './rotate-alliance.ts';

interface Options extends EditOptions, CertificateOptions {
  readonly keyDays: string;
  readonly supersededAt?: string;
}

const DAY_SECONDS = 86_400;
const EXAMPLE = `
ROTATION is what lianzheng rotate tls, seal or ledger-key made at the member. It is signed by the member's seal key in use, so no other
channel is needed. Certificate and seal key are listed beside the present ones, and no exchange fails while they change; end the old
seal key with --superseded-at or later with lianzheng alliance revoke. A ledger key takes the place of the old one, which counts a day longer.
${EDIT_HELP}
Examples:
  lianzheng alliance rotate member rotation.json --out tls.crt.next --dir alliance
  lianzheng alliance rotate member rotation.json --superseded-at 2026-03-01T00:00:00Z --dir alliance`;

export function allianceRotateCommand(cli: Cli): Command {
  return new Command('rotate')
    .summary('draft: the next key or certificate of a member, CA, operator or freshness signer')
    .description('Lists what comes next; the present one stays beside it until it ends or is revoked.')
    .addCommand(rotateMemberCommand(cli))
    .addCommand(rotateAuthorityCommand(cli))
    .addCommand(rotateOperatorCommand(cli))
    .addCommand(rotateFreshnessCommand(cli));
}

function rotateMemberCommand(cli: Cli): Command {
  const command = new Command('member')
    .summary("draft: a member's next certificate, seal key or ledger key")
    .description('Checks that the member itself wants it, and lists what its rotation file names.')
    .argument('<rotation>', 'rotation.json of the member')
    .option('--key-days <n>', 'how long a seal key is good for', '365')
    .option(
      '--superseded-at <time>',
      'when the seal keys before it end, RFC 3339 (default: at their own end)',
    );
  return editing<Options>(cli, withCertificateOptions(command), (options, context, [path = '']) =>
    prepare(options, context, path),
  ).addHelpText('after', EXAMPLE);
}

async function prepare(options: Options, context: EditContext, path: string): Promise<PreparedEdit> {
  const { body } = context.home.previous;
  const rotation = await readRotation(await readJsonFile(path), context.home.schemas);
  if (rotation.alliance !== body.alliance)
    throw new GatewayError(
      'enrolment.invalid',
      `the rotation is for ${rotation.alliance}, not ${body.alliance}`,
    );
  await demandOwnWish(rotation, memberOf(body, rotation.member));
  if (rotation.kind === 'tls') return prepareCertificate(options, rotation, context);
  return { edit: keyEdit(options, rotation, context) };
}

function keyEdit(
  options: Options,
  rotation: Exclude<Rotation, { kind: 'tls' }>,
  { now, issuedAt }: EditContext,
): Edit {
  if (rotation.kind === 'ledger') return changeLedger(rotation.member, rotation.ledger);
  const { kid, jwk, alg, use, endorsement } = rotation.key;
  const nbf = seconds(now < issuedAt ? now : issuedAt);
  const life = { nbf, exp: nbf + Number(options.keyDays) * DAY_SECONDS };
  const end = options.supersededAt === undefined ? undefined : new Date(options.supersededAt).toISOString();
  return addKey(rotation.member, { kid, jwk, alg, use, endorsement, ...life }, end);
}

async function prepareCertificate(
  options: Options,
  { member, csr: csrPem, uri, authority }: Extract<Rotation, { kind: 'tls' }>,
  context: EditContext,
): Promise<PreparedEdit> {
  const prefix = `urn:lianzheng:${context.home.previous.body.alliance}:${member}:`;
  if (!uri.startsWith(prefix)) throw new GatewayError('enrolment.invalid', `uri ${uri} is not ${prefix}…`);
  const request = await readRequestKey(csrPem);
  const order = { csrPem, request, uri, authority };
  const { certificate, ca, files } = await obtainCertificate(options, order, context);
  const now = seconds(context.now);
  return { edit: addCertificate({ member, authority, certificate, ca, now }), files };
}
