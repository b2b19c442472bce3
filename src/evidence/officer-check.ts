/** Holds a CMS signature of officers against the registry: whose they are, in which role, when. */
import { seconds } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { CertificateThumbprint, MemberId } from '../core/ids.ts';
import { validAt, type RegistryView } from '../federation/registry/registry-view.ts';
import { verifyDetached } from '../pki/cms.ts';

export interface OfficerQuestion {
  /** Untrusted. */
  readonly cms: Buffer;
  readonly content: Buffer;
  readonly registry: RegistryView;
  readonly member: MemberId;
  readonly now: Date;
}

export interface OfficerSignature {
  readonly x5t: CertificateThumbprint;
  readonly roles: readonly string[];
}

/** An officer's clock may be this far off ours. */
const SKEW_MS = 10 * 60 * 1000;

/** Every signer of the CMS. Throws packet.signature-invalid or packet.signer-unregistered. */
export async function verifyOfficers(question: OfficerQuestion): Promise<readonly OfficerSignature[]> {
  const { cms, content, registry, member, now } = question;
  const checks = await verifyDetached(cms, content, registry.body.cas);
  if (checks.length === 0) throw new GatewayError('packet.signature-invalid', 'there is no signature');
  return checks.map(({ x5t, ok, problem, signingTime }) => {
    if (!ok || signingTime === undefined) {
      throw new GatewayError('packet.signature-invalid', problem ?? 'the signature does not verify', {
        facts: { x5t },
      });
    }
    if (signingTime.getTime() > now.getTime() + SKEW_MS) {
      throw new GatewayError('packet.signature-invalid', 'the signing time lies in the future', {
        facts: { x5t },
      });
    }
    const signer = registry.signer(x5t);
    if (
      signer?.member !== member ||
      !validAt(signer, seconds(signingTime)) ||
      !validAt(signer, seconds(now))
    ) {
      throw new GatewayError(
        'packet.signer-unregistered',
        `the signer is not, or no longer, registered for ${member}`,
        { facts: { x5t, member } },
      );
    }
    return { x5t, roles: signer.roles };
  });
}
