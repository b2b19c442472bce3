/** The use of one token: stored alone, or together with what its message does. */
import { GatewayError } from '../../core/errors.ts';
import { newId, type MemberId } from '../../core/ids.ts';
import type { TokenIdStore } from './token-store.ts';

export interface TokenUse {
  readonly issuer: MemberId;
  readonly jti: string;
  /** POSIX seconds. */
  readonly exp: number;
  /**
   * Id of the ledger entry of an acceptance that brings this use along: the same for each try of this request, and
   * another for each copy of it. When the answer to a COMMIT is lost, it tells our own row from that of a copy.
   */
  readonly entryId: string;
  /**
   * Stores the use, for every outcome but an acceptance, which brings its row itself: before anything is answered.
   * Throws `token.replayed` when it was used before, here or in another process. Asked again it says the same.
   */
  spend(): Promise<void>;
}

/** Throws `token.replayed` when this process has met the token lately; who else has is known when the use is stored. */
export function useToken(
  { iss, jti, exp }: { readonly iss: MemberId; readonly jti: string; readonly exp: number },
  store: Pick<TokenIdStore, 'meet' | 'insert'>,
): TokenUse {
  if (!store.meet(iss, jti)) throw new GatewayError('token.replayed');
  let spent: Promise<void> | undefined;
  const spend = async (): Promise<void> => {
    if (!(await store.insert(iss, jti, exp))) throw new GatewayError('token.replayed');
  };
  return { issuer: iss, jti, exp, entryId: newId(), spend: () => (spent ??= spend()) };
}
