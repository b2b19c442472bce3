/** A log's key that may be exchanged while the log is open: each checkpoint is signed by the one in use at that moment. */
import { GatewayError } from '../../core/errors.ts';
import type { LedgerKey } from './note.ts';

export interface LedgerKeyRing extends LedgerKey {
  /** Throws config.invalid: the key's name is the log's origin and never changes. */
  use(key: LedgerKey): void;
}

export function ledgerKeyRing(first: LedgerKey): LedgerKeyRing {
  let inUse = first;
  return {
    name: first.name,
    get keyId() {
      return inUse.keyId;
    },
    get vkey() {
      return inUse.vkey;
    },
    sign: (text) => inUse.sign(text),
    use: (key) => {
      if (key.name !== first.name)
        throw new GatewayError('config.invalid', `ledger key is named ${key.name}, the log ${first.name}`);
      inUse = key;
    },
  };
}
