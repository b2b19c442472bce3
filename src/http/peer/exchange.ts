/** One signed call: the checks of exchange profile 1 in their order, cheap to dear, then the answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { failpoint } from '../../core/failpoint.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import { DEFAULT_SKEW_SECONDS, readToken, type RequestClaims } from '../../wire/exchange-token.ts';
import { sendSigned, signedProblem, type Answer } from './answer.ts';
import type { Admission } from './checks/admission.ts';
import { checkBody, type CheckedBody } from './checks/body.ts';
import { checkCaller, type Caller } from './checks/caller.ts';
import { checkHeaders, type ExchangeHeaders } from './checks/headers.ts';
import { checkSignature } from './checks/signature.ts';
import { checkSingleUse } from './checks/single-use.ts';
import { checkTokenClaims } from './checks/token-claims.ts';
import { checkTokenKey } from './checks/token-key.ts';
import type { PeerPlane } from './peer-plane.ts';
import { refuseUnsigned, recordRefusal } from './refuse.ts';

/** One HTTP request on the peer plane. */
export interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly correlationId: string;
  readonly at: Date;
}

/** A call whose caller is proven: what its answer has to echo. */
export interface Authenticated {
  readonly caller: Caller;
  readonly headers: ExchangeHeaders;
  readonly claims: RequestClaims;
  readonly token: string;
  /** SHA-256 of the body as computed here; missing while the body is unread. */
  computed?: Buffer;
}

export interface Exchange extends Authenticated {
  readonly body: CheckedBody;
}

export interface PeerContext {
  readonly plane: PeerPlane;
  readonly admission: Admission;
  readonly maxBodyBytes: number;
}

export type Endpoint = (
  plane: PeerPlane,
  exchange: Exchange,
) => Promise<Answer & { readonly receipt: EntryRef }>;

export async function handleExchange(
  context: PeerContext,
  endpoint: Endpoint,
  arrival: Arrival,
): Promise<void> {
  const { plane } = context;
  const places: (() => void)[] = [];
  try {
    const call = await authenticate(context, arrival, places);
    await sendSigned(plane, arrival, call, await perform(plane, endpoint, arrival, call));
  } catch (error) {
    await refuseUnsigned(plane, arrival, error);
  } finally {
    for (const leave of places) leave();
  }
}

/** Refusals in here are unsigned: nobody is proven yet. */
async function authenticate(
  context: PeerContext,
  arrival: Arrival,
  places: (() => void)[],
): Promise<Authenticated> {
  const { plane, admission } = context;
  const { request, at } = arrival;
  const caller = checkCaller(request.socket, plane.registry, at);
  const headers = checkHeaders(request, context.maxBodyBytes);
  const token = readToken(headers.token, 'lzx-req+jwt');
  const key = checkTokenKey(token.header, caller);
  const expected = {
    now: at,
    skewSeconds: plane.allowedSkewSeconds ?? DEFAULT_SKEW_SECONDS,
    audience: plane.member,
    issuer: caller.member,
    method: request.method ?? '',
    target: `https://${plane.authority}${request.url ?? ''}`,
    certificate: caller.certificate,
  };
  const claims = checkTokenClaims(token, expected, { headers, key });
  places.push(await admission.enter(caller.member, headers.length));
  await checkSignature(token, key);
  return { caller, headers, claims, token: headers.token };
}

/** Refusals in here are signed and logged under the caller's name. */
async function perform(
  plane: PeerPlane,
  endpoint: Endpoint,
  arrival: Arrival,
  call: Authenticated,
): Promise<Answer> {
  try {
    noticeNewerRegistry(plane, call);
    failpoint('before-jti');
    await checkSingleUse(call.claims, plane.tokenIds);
    failpoint('after-jti');
    inviteBody(arrival);
    const body = await checkBody(arrival.request, call.headers, (computed) => (call.computed = computed));
    return await endpoint(plane, { ...call, body });
  } catch (error) {
    const logged = await recordRefusal(plane, arrival, error, call);
    return signedProblem(logged.error, logged.receipt, arrival.correlationId);
  }
}

/** `Expect: 100-continue`: a caller that asks first is told only now to send. */
export function inviteBody({ request, response }: Arrival): void {
  if (request.headers.expect !== undefined) response.writeContinue();
}

/** The peer has adopted a registry that we have not seen: look now instead of at the next poll, and go on meanwhile. */
function noticeNewerRegistry(plane: PeerPlane, call: Authenticated): void {
  if (call.claims.reg <= call.caller.registry.serial) return;
  plane.registry.refresh().catch((error: unknown) => plane.logger.warn({ error }, 'registry refresh failed'));
}
