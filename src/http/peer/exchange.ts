/** One signed call: the checks of exchange profile 1 in their order, cheap to dear, then the answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isGatewayError } from '../../core/errors.ts';
import { failpoint } from '../../core/failpoint.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import { DEFAULT_SKEW_SECONDS, readToken, type RequestClaims } from '../../wire/exchange-token.ts';
import { sendSigned, signedProblem, type Answer } from './answer.ts';
import type { Pace } from '../limits/pace.ts';
import type { Admission } from './checks/admission.ts';
import { checkBody, type CheckedBody } from './checks/body.ts';
import { checkCaller, type Caller } from './checks/caller.ts';
import { checkHeaders, type ExchangeHeaders } from './checks/headers.ts';
import { checkSignature } from './checks/signature.ts';
import { checkStanding } from './checks/standing.ts';
import { checkTokenClaims } from './checks/token-claims.ts';
import { checkTokenKey } from './checks/token-key.ts';
import { useToken, type TokenUse } from '../../federation/tokens/token-use.ts';
import type { RegisteredKey } from '../../federation/registry/registry-view.ts';
import { kindOfSchema, type Seen } from './observe.ts';
import type { Place } from './fair-queue.ts';
import type { RequestClass } from './limits.ts';
import type { PeerPlane } from './peer-plane.ts';
import type { RunningExchanges } from './running-exchanges.ts';
import { endConnection, isRefusal, refuseUnsigned, recordRefusal } from './refuse.ts';

/** One HTTP request on the peer plane. */
export interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly correlationId: string;
  readonly at: Date;
  readonly seen: Seen;
}

/** A call whose caller is proven: what its answer has to echo. */
export interface Authenticated {
  readonly caller: Caller;
  readonly headers: ExchangeHeaders;
  readonly claims: RequestClaims;
  readonly token: string;
  /** That signed the token. */
  readonly key: RegisteredKey;
  /** Of the token, once its claims are proven. */
  use?: TokenUse;
  /** SHA-256 of the body as computed here; missing while the body is unread. */
  computed?: Buffer;
  /** The body as it came. */
  read?: Buffer;
}

export interface Exchange extends Authenticated {
  readonly body: CheckedBody;
}

export const REGISTRY_PATH = '/x/v1/registry';
export const MESSAGES_PATH = '/x/v1/messages';

export interface PeerContext {
  readonly plane: PeerPlane;
  readonly admission: Admission;
  readonly pace: Pace;
  readonly maxBodyBytes: number;
  readonly running: RunningExchanges;
}

/** Only what acts on nothing and tells no secret, as the registry, may answer without an entry (`receipt` null). */
export type Endpoint = (plane: PeerPlane, exchange: Exchange) => Promise<Answer>;
export type LoggedEndpoint = (
  plane: PeerPlane,
  exchange: Exchange,
) => Promise<Answer & { readonly receipt: EntryRef }>;

export async function handleExchange(
  context: PeerContext,
  endpoint: Endpoint,
  arrival: Arrival,
): Promise<void> {
  const { plane } = context;
  const held: Held = { place: undefined, running: undefined };
  try {
    const call = await authenticate(context, arrival, held);
    held.running = context.running.start(arrival.response, () =>
      checkStanding(plane, call, arrival.request.socket),
    );
    const answer = await perform(context, endpoint, { arrival, call, held });
    if (answer.standing !== undefined) held.running.alsoDemand(answer.standing);
    await sendSigned(context, arrival, { call, answer, onLong: () => held.place?.lend() });
  } catch (error) {
    await refuseUnsigned(plane, arrival, error);
  } finally {
    held.running?.end();
    held.place?.leave();
  }
}

/** What a request holds, once it has it: its place, and its right to go on. */
interface Held {
  place: Place | undefined;
  running: ReturnType<RunningExchanges['start']> | undefined;
}

/** Refusals in here are unsigned: nobody is proven yet. */
async function authenticate(context: PeerContext, arrival: Arrival, held: Held): Promise<Authenticated> {
  const { plane, admission } = context;
  const { request, at } = arrival;
  const caller = checkCaller(request.socket, registryFor(plane, request), at);
  arrival.seen.peer = caller.member;
  // First of all: what is refused below costs us too.
  await admission.charge(caller.member, classOf(request.url));
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
  const { member } = caller;
  const gone = (): boolean => request.destroyed;
  held.place = await admission.enter({ member, bytes: headers.length, gone });
  await checkSignature(token, key);
  return { caller, headers, claims, token: headers.token, key };
}

/** A stale or forked gateway still tells and learns the registry, or it would never be fresh again. */
function registryFor(
  { registry }: PeerPlane,
  { url }: IncomingMessage,
): Pick<PeerPlane['registry'], 'current' | 'assertFresh'> {
  if (url !== REGISTRY_PATH) return registry;
  return { current: () => registry.current(), assertFresh: () => undefined };
}

/** Refusals in here are signed and logged under the caller's name. */
async function perform(
  { plane, pace }: PeerContext,
  endpoint: Endpoint,
  { arrival, call, held }: { readonly arrival: Arrival; readonly call: Authenticated; readonly held: Held },
): Promise<Answer> {
  const { seen } = arrival;
  seen.kind =
    kindOfSchema(call.claims.sch, (id) => call.caller.registry.schema(id) !== undefined) ?? seen.kind;
  try {
    await noticeNewerRegistry(plane, call);
    failpoint('before-jti');
    call.use = useToken(call.claims, plane.tokenIds);
    // A message's acceptance brings the row of its token along: one commit, and no way to the database before it.
    if (arrival.request.url !== MESSAGES_PATH) await call.use.spend();
    failpoint('after-jti');
    inviteBody(arrival);
    const body = await checkBody(arrival.request, call.headers, {
      watch: (onTooSlow) => pace.reading(arrival.request, { onTooSlow, onLong: () => held.place?.lend() }),
      onDigest: (computed, bytes) => {
        [call.computed, call.read] = [computed, bytes];
      },
    });
    held.place?.takeBack();
    // The body may have taken its time: who may send no more by now has sent nothing.
    checkStanding(plane, call, arrival.request.socket);
    if (arrival.request.url !== REGISTRY_PATH) plane.registry.assertFresh(plane.clock());
    return await endpoint(plane, Object.assign(call, { body }));
  } catch (cause) {
    const error = await spendRefused(call.use, cause);
    const logged = await recordRefusal(plane, arrival, error, call);
    endConnection(arrival, logged.error.code);
    return signedProblem(logged.error, logged.receipt, arrival.correlationId);
  }
}

/** A refusal uses its token up, and of a token that was used before nothing else is said. A fault of ours does not. */
async function spendRefused(use: TokenUse | undefined, error: unknown): Promise<unknown> {
  if (use === undefined || !isGatewayError(error) || !isRefusal(error)) return error;
  return use.spend().then(
    () => error,
    (instead: unknown) => instead,
  );
}

function classOf(url = ''): RequestClass {
  return url === '/x/v1/parts' ? 'parts' : url === '/x/v1/status' ? 'status' : 'messages';
}

/** `Expect: 100-continue`: a caller that asks first is told only now to send. */
export function inviteBody({ request, response }: Arrival): void {
  if (request.headers.expect !== undefined) response.writeContinue();
}

const LOOK_MS = 1000;
const LOOK_PAUSE_MS = 50;
/** Looks under way: all requests of that time share one, or a member that names a serial of its own making could have us look without end. */
const looks = new WeakMap<PeerPlane, Promise<void>>();

/** The peer has adopted a registry that we have not seen: where it lies in our directory, this request is judged by it. */
async function noticeNewerRegistry(plane: PeerPlane, call: Authenticated): Promise<void> {
  if (call.claims.reg <= call.caller.registry.serial) return;
  plane.registryServer.noticeNewer(call.caller.member);
  const looked = looks.get(plane) ?? lookAgain(plane);
  looks.set(plane, looked);
  await Promise.race([looked, sleep(LOOK_MS, undefined, { ref: false })]);
}

async function lookAgain(plane: PeerPlane): Promise<void> {
  await sleep(LOOK_PAUSE_MS, undefined, { ref: false });
  looks.delete(plane);
  await plane.registry
    .refresh()
    .catch((error: unknown) => plane.logger.warn({ error }, 'registry refresh failed'));
}
