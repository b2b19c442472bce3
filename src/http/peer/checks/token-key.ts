/** Check 3: the JOSE header names a seal key of the caller, with the algorithm that the registry fixed for it. */
import { GatewayError } from '../../../core/errors.ts';
import type { RegisteredKey } from '../../../federation/registry/registry-view.ts';
import type { JoseHeader } from '../../../wire/jws.ts';
import type { Caller } from './caller.ts';

/** A kid is looked up for the member of the connection only: one alone never identifies a key. */
export function checkTokenKey(header: JoseHeader, caller: Caller): RegisteredKey {
  const key = caller.registry.sealKey(caller.member, header.kid);
  if (key === undefined) throw new GatewayError('token.key-unknown');
  if (key.alg !== header.alg) throw new GatewayError('token.algorithm-refused', `expected ${key.alg}`);
  return key;
}
