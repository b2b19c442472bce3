/** The alliance's certificate authority: one self-signed certificate that signs directly, nothing below it. */
import forge from 'node-forge';
import { systemClock, type Clock } from '../core/clock.ts';
import { makeCertificate, subjectFields } from './forge-certificate.ts';
import { generateRsaKey } from './private-key.ts';
import { certificateProfile } from './profiles.ts';

export interface Authority {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface AuthorityOptions {
  /** Common name shown to people. */
  readonly name: string;
  readonly alliance: string;
  readonly clock?: Clock;
}

const BACKDATE_MS = 300_000;

/** Valid from five minutes ago, so that peers with a slower clock accept it at once. */
export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  const keyPem = await generateRsaKey();
  const key = forge.pki.privateKeyFromPem(keyPem);
  const publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  const subject = subjectFields({ commonName: options.name, organization: options.alliance });
  const nbf = new Date((options.clock ?? systemClock)().getTime() - BACKDATE_MS);
  const exp = new Date(nbf.getTime() + certificateProfile('authority').maxDays * 86_400_000);
  const names = { uri: `urn:lianzheng:${options.alliance}` };
  const certPem = makeCertificate(
    { profile: 'authority', publicKey, subject, names, nbf, exp },
    { subject, publicKey, key },
  );
  return { certPem, keyPem };
}
