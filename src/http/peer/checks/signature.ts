/** Check 6: the token's signature. From here on the caller is authenticated and every answer is signed. */
import { GatewayError } from '../../../core/errors.ts';
import type { ReadToken } from '../../../wire/exchange-token.ts';
import { verifySignature, type VerificationKey } from '../../../wire/jws.ts';

export async function checkSignature(token: ReadToken, key: VerificationKey): Promise<void> {
  if (!(await verifySignature(key, token.signingInput, token.signature))) {
    throw new GatewayError('token.signature-invalid');
  }
}
