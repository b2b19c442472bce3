/** A seal key that may be exchanged while a gateway runs: each signature is by the one in use at that moment. */
import type { SigningKey } from '../jws.ts';

export interface SealKeyRing extends SigningKey {
  use(key: SigningKey): void;
}

/** Header and signature are made in one turn of the event loop (jws.ts), so both are of the same key. */
export function sealKeyRing(first: SigningKey): SealKeyRing {
  let inUse = first;
  return {
    get kid() {
      return inUse.kid;
    },
    get alg() {
      return inUse.alg;
    },
    sign: (data) => inUse.sign(data),
    use: (key) => {
      inUse = key;
    },
  };
}
