/** TLS of the peer plane: 1.3 only, mutual, no resumption, the alliance's own roots. */
import { constants } from 'node:crypto';
import { DEFAULT_CIPHERS, type TlsOptions } from 'node:tls';

export interface TlsIdentity {
  /** PEM. */
  readonly key: string;
  /** PEM, the gateway's certificate first. */
  readonly cert: string;
  /** Told after `key` and `cert` were exchanged for others. */
  readonly onChange?: (listener: () => void) => void;
}

/** OpenSSL's level 2: no RSA below 2,048 bits and no SHA-1 anywhere in a chain, whatever the registry lists. */
const CIPHERS = `${DEFAULT_CIPHERS}:@SECLEVEL=2`;

/** What `setSecureContext` takes again when the registry or the certificate changes. */
export function peerSecureContext(identity: TlsIdentity, cas: readonly string[]): TlsOptions {
  return {
    key: identity.key,
    cert: identity.cert,
    // Never the system's roots: only what the alliance signed.
    ca: [...cas],
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    // A resumed session would outlive the revocation of its certificate.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

export function peerTlsOptions(identity: TlsIdentity, cas: readonly string[]): TlsOptions {
  return {
    ...peerSecureContext(identity, cas),
    requestCert: true,
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: 5000,
  };
}
