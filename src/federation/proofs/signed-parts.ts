/** What the other side signed with its seal key: the answer and the request, each tied to an entry. */
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Entry, EntryRef } from '../../ledger/entry.ts';
import {
  readRequestClaims,
  readResponseClaims,
  readToken,
  type ReadToken,
} from '../../wire/exchange-token.ts';
import { verifySignature } from '../../wire/jws.ts';
import { validAt, type RegistryView } from '../registry/registry-view.ts';

/** Keys count as the registries of that day listed them: what was revoked or ended later says nothing of an earlier act. */
export type KeyRegistries = readonly RegistryView[];

/** The peer's answer: its digest stands in our closing, and it names the peer's entry. Throws ledger.proof-invalid, as all here. */
export async function demandAnswer(token: string, closing: Entry, views: KeyRegistries): Promise<void> {
  demand(sha256Hex(token) === closing.token, 'the answer is not the one whose digest the closing carries');
  const read = reading(() => readToken(token, 'lzx-res+jwt'));
  const claims = reading(() => readResponseClaims(read.claims));
  demand(claims.iss === closing.peer && claims.aud === closing.member, 'the answer is of other members');
  demand(claims.mid === closing.mid, 'the answer is to another message');
  demand(sameEntry(claims.rcpt, closing.counter), 'the answer names another entry than the closing');
  await demandSignature(read, { member: claims.iss, at: claims.iat, views });
}

/** The sender's request: its digest stands in our acceptance, and it names the sender's offer. */
export async function demandRequest(token: string, acceptance: Entry, views: KeyRegistries): Promise<void> {
  demand(
    sha256Hex(token) === acceptance.token,
    'the request is not the one whose digest the acceptance carries',
  );
  const read = reading(() => readToken(token, 'lzx-req+jwt'));
  const claims = reading(() => readRequestClaims(read.claims));
  const { peer, member, mid, group, purpose, counter } = acceptance;
  demand(claims.iss === peer && claims.aud === member, 'the request is of other members');
  demand(claims.mid === mid && claims.grp === group && claims.pur === purpose, 'the request is another one');
  const { ofr } = claims;
  demand(sameEntry(ofr, counter), 'the request names another offer than the acceptance');
  demand(ofr?.size === counter?.size && ofr?.root === counter?.root, 'the request names another checkpoint');
  await demandSignature(read, { member: claims.iss, at: claims.iat, views });
}

interface Signing {
  readonly member: string;
  /** POSIX seconds. */
  readonly at: number;
  readonly views: KeyRegistries;
}

async function demandSignature(read: ReadToken, { member, at, views }: Signing): Promise<void> {
  const { kid, alg } = read.header;
  const keys = views.flatMap((view) => view.sealKey(member, kid) ?? []);
  const key = keys.find((one) => one.alg === alg && validAt(one, at));
  if (key === undefined) throw invalid(`key ${kid} was not registered for ${member} then`);
  demand(
    await verifySignature(key, read.signingInput, read.signature),
    `the signature of ${member} is false`,
  );
}

function sameEntry(a: EntryRef | null, b: EntryRef | undefined): boolean {
  return a?.origin === b?.origin && a?.index === b?.index && a?.leaf === b?.leaf;
}

/** The body's digest that a request token names. */
export function bodyDigestOf(request: string): string {
  return reading(() => readRequestClaims(readToken(request, 'lzx-req+jwt').claims)).cdg;
}

export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    return refused(cause);
  }
}

export function refused(cause: unknown): never {
  if (!(cause instanceof GatewayError)) throw cause;
  throw new GatewayError('ledger.proof-invalid', cause.message, { cause });
}

export function demand(met: boolean, rule: string): void {
  if (!met) throw invalid(rule);
}

export function invalid(message: string): GatewayError {
  return new GatewayError('ledger.proof-invalid', message);
}
