/** GET /ledger/*: the C2SP tlog-tiles read interface, and a party's own entries. */
import { GatewayError } from '../../core/errors.ts';
import type { Caller } from './checks/caller.ts';
import type { Arrival, PeerContext } from './exchange.ts';
import type { PeerPlane } from './peer-plane.ts';
import { handlePlain, NOT_FOUND, type PlainAnswer } from './plain-answer.ts';
import { recordRefusal } from './refuse.ts';

const CHECKPOINT = '/ledger/checkpoint';
const MESSAGE = /^\/ledger\/messages\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const TILE = /^\/ledger\/(tile\/(entries|\d{1,2})\/(?:x\d{3}\/){0,6}\d{3}(?:\.p\/\d{1,3})?)$/;

export function handleLedgerRead(context: PeerContext, arrival: Arrival): Promise<void> {
  const answer = (caller: Caller): Promise<PlainAnswer> => read(context.plane, arrival, caller);
  return handlePlain(context, arrival, { kind: 'ledger', answer });
}

async function read(plane: PeerPlane, arrival: Arrival, caller: Caller): Promise<PlainAnswer> {
  const url = arrival.request.url ?? '';
  if (url === CHECKPOINT) return checkpoint(await plane.ledgerSource.checkpoint());
  const [, mid] = MESSAGE.exec(url) ?? [];
  if (mid !== undefined) return ownPair(plane, caller, mid);
  const [, path, kind] = TILE.exec(url) ?? [];
  if (path === undefined) return NOT_FOUND;
  if (kind === 'entries' && !plane.mayAudit(caller.member)) return hidden(plane, arrival);
  const bytes = await plane.ledgerSource.tile(path);
  return bytes === undefined ? NOT_FOUND : tile(bytes);
}

/** Entry bundles are for auditors. To everyone else they do not exist; the attempt is logged all the same. */
async function hidden(plane: PeerPlane, arrival: Arrival): Promise<PlainAnswer> {
  const { error } = await recordRefusal(
    plane,
    arrival,
    new GatewayError('grant.refused', 'right audit is not granted'),
  );
  if (error.status >= 500) throw error;
  return NOT_FOUND;
}

/** A party needs no audit grant for what it was a party to; a message of others answers as one that is not there. */
async function ownPair(plane: PeerPlane, { member }: Caller, mid: string): Promise<PlainAnswer> {
  const entries = await plane.pairEntries(member, mid);
  if (entries.length === 0) return NOT_FOUND;
  const bytes = Buffer.from(JSON.stringify({ entries }));
  return { status: 200, bytes, mediaType: 'application/json', cacheControl: 'no-store' };
}

function checkpoint(bytes: Buffer): PlainAnswer {
  return { status: 200, bytes, mediaType: 'text/plain; charset=utf-8', cacheControl: 'no-store' };
}

function tile(bytes: Buffer): PlainAnswer {
  return {
    status: 200,
    bytes,
    mediaType: 'application/octet-stream',
    cacheControl: 'private, max-age=31536000, immutable',
  };
}
