/** One page of a peer's feed, untrusted: each item is a request to us that the peer signed, judged like one that came. */
import type { JsonObject, JsonValue } from '../../core/canonical.ts';
import { sha256, sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import type { MemberId } from '../../core/ids.ts';
import { digestClaim } from '../../wire/content-digest.ts';
import {
  checkRequestClaims,
  DEFAULT_SKEW_SECONDS,
  readRequestClaims,
  readToken,
} from '../../wire/exchange-token.ts';
import { isObject } from '../../wire/json/json-form.ts';
import { verifySignature } from '../../wire/jws.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import type { ReceivedMessage } from '../inbox.ts';
import { validAt, type RegistryView } from '../registry/registry-view.ts';

export interface FeedItem {
  readonly token: string;
  readonly body: string;
}

export interface FeedPage {
  readonly items: readonly FeedItem[];
  readonly cursor: string | null;
  readonly more: boolean;
}

const CURSOR = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_ITEMS = 100;
/** As large as a message may be. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Throws exchange.response-invalid. */
export function readPage(body: Buffer): FeedPage {
  const { items, cursor, more } = parseStrictJson(body) as JsonObject;
  const isCursor = cursor === null || (typeof cursor === 'string' && CURSOR.test(cursor));
  const isPage = Array.isArray(items) && items.length <= MAX_ITEMS && isCursor && typeof more === 'boolean';
  if (!isPage || !items.every(isItem)) throw invalid('it is no page of a feed');
  return { items: items, cursor, more };
}

function isItem(item: JsonValue): boolean {
  return isObject(item) && typeof item['token'] === 'string' && typeof item['body'] === 'string';
}

export interface ItemContext {
  readonly peer: MemberId;
  readonly member: MemberId;
  readonly view: RegistryView;
  /** When the page came: a token lives a minute, and taking a whole page may last longer. */
  readonly now: Date;
}

/**
 * The checks of the peer plane that do not concern a connection: token, key, claims, digest, strict JSON. Its jti is
 * not spent: whoever replays the item replays its mid. Throws their codes.
 */
export async function readItem(item: FeedItem, context: ItemContext): Promise<ReceivedMessage> {
  const { peer, member, view, now } = context;
  const bytes = Buffer.from(item.body, 'utf8');
  if (bytes.length > MAX_BODY_BYTES) throw new GatewayError('http.body-too-large');
  const token = readToken(item.token, 'lzx-req+jwt');
  const key = view.sealKey(peer, token.header.kid);
  if (key === undefined) throw new GatewayError('token.key-unknown');
  if (key.alg !== token.header.alg) throw new GatewayError('token.algorithm-refused', `expected ${key.alg}`);
  const certificate = certificateOf(token.claims, context);
  const claims = checkRequestClaims(token.claims, {
    ...{ now, skewSeconds: DEFAULT_SKEW_SECONDS, audience: member, issuer: peer, method: 'POST' },
    target: `https://${view.authorityOf(member) ?? ''}/x/v1/messages`,
    certificate,
  });
  if (!validAt(key, claims.iat)) throw new GatewayError('token.key-revoked');
  if (!(await verifySignature(key, token.signingInput, token.signature)))
    throw new GatewayError('token.signature-invalid');
  if (claims.cdg !== digestClaim(sha256(bytes))) throw new GatewayError('exchange.digest-mismatch');
  if (claims.len !== bytes.length) throw new GatewayError('exchange.length-mismatch');
  const body = parseStrictJson(bytes);
  return { from: peer, claims, token: item.token, body, bodySha256: sha256Hex(bytes) };
}

/** No connection shows it: it must be one that the registry lists for the peer, and valid now. */
function certificateOf(claims: JsonValue, { peer, view, now }: ItemContext): string {
  const named = readRequestClaims(claims).cnf['x5t#S256'];
  const registered = view.certificate(named);
  const isPeers = registered?.member === peer && validAt(registered, Math.floor(now.getTime() / 1000));
  return isPeers ? named : 'none';
}

function invalid(what: string): GatewayError {
  return new GatewayError('exchange.response-invalid', `the feed is refused: ${what}`);
}
