/** What a peer's own signed requests say of its ledger: evidence against a ledger of it that was set back. */
import type { MemberId } from '../core/ids.ts';
import type { EntryRef } from '../ledger/entry.ts';
import type { Queryable } from '../storage/database.ts';
import { readRequestClaims, readToken } from '../wire/exchange-token.ts';
import { verifySignature } from '../wire/jws.ts';
import type { RegistryView } from './registry/registry-view.ts';

/** Its ids are UUIDv7: the latest are the last. */
const HELD = 16;

/** The tokens of the last messages that we accepted of `issuer`, for `issuer` alone. */
export async function heldTokens(database: Queryable, issuer: MemberId): Promise<readonly string[]> {
  const { rows } = await database.query<{ token: string }>(
    'SELECT token FROM inbox WHERE issuer = $1 ORDER BY mid DESC LIMIT $2',
    [issuer, HELD],
  );
  return rows.map(({ token }) => token);
}

/** Untrusted `tokens`: only what a seal key of `member` signed counts, the rest is left out. */
export async function offersIn(
  tokens: readonly unknown[],
  member: MemberId,
  view: Pick<RegistryView, 'sealKey'>,
): Promise<readonly Required<EntryRef>[]> {
  const offers = await Promise.all(tokens.slice(0, HELD).map((token) => offerIn(token, member, view)));
  return offers.filter((offer) => offer !== undefined);
}

async function offerIn(
  token: unknown,
  member: MemberId,
  view: Pick<RegistryView, 'sealKey'>,
): Promise<Required<EntryRef> | undefined> {
  try {
    const read = readToken(String(token), 'lzx-req+jwt');
    const key = view.sealKey(member, read.header.kid);
    if (key === undefined || !(await verifySignature(key, read.signingInput, read.signature)))
      return undefined;
    const { iss, ofr } = readRequestClaims(read.claims);
    return iss === member && ofr !== null ? ofr : undefined;
  } catch {
    return undefined;
  }
}
