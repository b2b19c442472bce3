/** Where an edit's gateway certificate comes from: issued here for a request, or from the member's own CA. */
import { isIP } from 'node:net';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { seconds } from '../../../../core/clock.ts';
import { GatewayError } from '../../../../core/errors.ts';
import type { GatewayCertificate } from '../../../../federation/registry/registry-types.ts';
import { readAuthority as readMemberAuthority } from '../../../../pki/admission/authority-certificate.ts';
import { judgeGatewayCertificate } from '../../../../pki/admission/gateway-certificate.ts';
import type { RequestKey } from '../../../../pki/admission/request-key.ts';
import { issueCertificate } from '../../../../pki/issue.ts';
import { x5t } from '../../../../pki/thumbprint.ts';
import { several } from '../../../cli.ts';
import { readAuthority } from '../home.ts';
import type { EditContext } from './edit-command.ts';

export interface CertificateOptions {
  readonly cert?: string;
  readonly memberCa?: string;
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  readonly certDays: string;
  readonly out: string;
}

export interface CertificateOrder {
  readonly csrPem: string;
  readonly request: RequestKey;
  readonly uri: string;
  /** host:port */
  readonly authority: string;
}

export interface ObtainedCertificate {
  readonly certificate: GatewayCertificate;
  /** PEM of the member's own CA. */
  readonly ca: string | undefined;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

const DAY_MS = 86_400_000;

export function withCertificateOptions(command: Command): Command {
  return command
    .option(
      '--dns <name>',
      'host name in the issued certificate; once for each (default: of the address)',
      several,
    )
    .option(
      '--ip <address>',
      'IP address in the issued certificate; once for each (default: of the address)',
      several,
    )
    .option('--cert-days <n>', 'how long the issued certificate is good for, up to 90', '89')
    .option('--out <file>', 'where to write the issued certificate (PEM)', 'tls.crt')
    .option('--cert <file>', "certificate from the member's own CA instead of issuing one (PEM; RSA or EC)")
    .option('--member-ca <file>', "certificate of the member's own CA, with --cert (PEM, self-signed)");
}

export async function obtainCertificate(
  options: CertificateOptions,
  order: CertificateOrder,
  context: EditContext,
): Promise<ObtainedCertificate> {
  if ((options.cert === undefined) !== (options.memberCa === undefined))
    throw new Error('--cert and --member-ca belong together');
  if (options.cert === undefined || options.memberCa === undefined) return issue(options, order, context);
  const ca = readMemberAuthority(await readFile(options.memberCa, 'utf8'), context.now);
  const judged = judgeGatewayCertificate(await readFile(options.cert, 'utf8'), {
    ...{ uri: order.uri, authority: order.authority, key: order.request.key },
    ...{ ca, now: context.now },
  });
  return { certificate: judged, ca, files: [] };
}

async function issue(
  options: CertificateOptions,
  { csrPem, uri, authority }: CertificateOrder,
  { home, now }: EditContext,
): Promise<ObtainedCertificate> {
  const ca = await readAuthority(home.directory).catch((cause: unknown) => {
    const message = `${home.directory} has no ca.key and ca.crt: certificates are issued where they are`;
    throw new GatewayError('pki.key-invalid', message, { cause });
  });
  const exp = new Date(now.getTime() + Number(options.certDays) * DAY_MS);
  const names = { uri, ...hostNames(options, authority) };
  const certPem = issueCertificate({ ca, csrPem, profile: 'gateway', names, nbf: now, exp });
  return {
    certificate: { x5t: x5t(certPem), nbf: seconds(now), exp: seconds(exp) },
    ca: undefined,
    files: [{ path: resolve(options.out), text: certPem }],
  };
}

function hostNames({ dns, ip }: CertificateOptions, authority: string) {
  if (dns !== undefined || ip !== undefined) return { ...(dns && { dns }), ...(ip && { ip }) };
  const host = new URL(`https://${authority}`).hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? { dns: [host] } : { ip: [host] };
}
