/** Issues a gateway's or an officer's certificate for a request; names and life are the alliance's decision. */
import { createPrivateKey, type X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { GatewayError } from '../core/errors.ts';
import type { Authority } from './authority.ts';
import {
  makeCertificate,
  readFields,
  subjectFields,
  type CertificateNames,
  type Issuer,
} from './forge-certificate.ts';
import type { IssuedProfile } from './profiles.ts';
import { readRequest } from './request.ts';
import { readCertificate } from './thumbprint.ts';

export type { CertificateNames } from './forge-certificate.ts';

export interface IssueOrder {
  readonly ca: Authority;
  readonly csrPem: string;
  readonly profile: IssuedProfile;
  readonly names: CertificateNames;
  readonly nbf: Date;
  readonly exp: Date;
}

/** Returns the certificate as PEM. Throws `pki.request-invalid` or `pki.certificate-invalid`. */
export function issueCertificate(order: IssueOrder): string {
  const request = readRequest(order.csrPem);
  if (request.profile !== order.profile) {
    throw new GatewayError(
      'pki.request-invalid',
      `the request asks for '${request.profile}', the order is for '${order.profile}'`,
    );
  }
  const { ca, profile, names, nbf, exp } = order;
  assertWithin(readCertificate(ca.certPem), nbf, exp);
  const subject = subjectFields(request.subject);
  return makeCertificate({ profile, names, nbf, exp, subject, publicKey: request.publicKey }, readIssuer(ca));
}

function assertWithin(ca: X509Certificate, nbf: Date, exp: Date): void {
  if (nbf >= new Date(ca.validFrom) && exp <= new Date(ca.validTo)) return;
  throw new GatewayError(
    'pki.certificate-invalid',
    `life must lie within the CA's, which ends ${ca.validTo}`,
  );
}

function readIssuer(ca: Authority): Issuer {
  if (!readCertificate(ca.certPem).checkPrivateKey(createPrivateKey(ca.keyPem))) {
    throw new GatewayError('pki.key-invalid', 'the CA key does not belong to the CA certificate');
  }
  const certificate = forge.pki.certificateFromPem(ca.certPem);
  return {
    subject: readFields(certificate.subject.attributes),
    publicKey: certificate.publicKey as forge.pki.rsa.PublicKey,
    key: forge.pki.privateKeyFromPem(ca.keyPem),
  };
}
