/** GET /ledger/*: the C2SP tlog-tiles read interface, with its own statuses and bodies, over registered mutual TLS. */
import { GatewayError } from '../../core/errors.ts';
import { checkCaller, type Caller } from './checks/caller.ts';
import type { Arrival, PeerContext } from './exchange.ts';
import type { PeerPlane } from './peer-plane.ts';
import { recordRefusal, refuseUnsigned } from './refuse.ts';

const CHECKPOINT = '/ledger/checkpoint';
const TILE = /^\/ledger\/(tile\/(entries|\d{1,2})\/(?:x\d{3}\/){0,6}\d{3}(?:\.p\/\d{1,3})?)$/;

interface Resource {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly cacheControl: string;
}

export async function handleLedgerRead(context: PeerContext, arrival: Arrival): Promise<void> {
  const { plane, admission } = context;
  let leave: (() => void) | undefined;
  try {
    const caller = checkCaller(arrival.request.socket, plane.registry, arrival.at);
    leave = await admission.enter(caller.member, 0);
    send(arrival, await read(plane, arrival, caller));
  } catch (error) {
    await refuseUnsigned(plane, arrival, error);
  } finally {
    leave?.();
  }
}

async function read(plane: PeerPlane, arrival: Arrival, caller: Caller): Promise<Resource | undefined> {
  const url = arrival.request.url ?? '';
  if (url === CHECKPOINT) return checkpoint(await plane.ledgerSource.checkpoint());
  const [, path, kind] = TILE.exec(url) ?? [];
  if (path === undefined) return undefined;
  if (kind === 'entries' && !plane.mayAudit(caller.member)) return hidden(plane, arrival);
  const bytes = await plane.ledgerSource.tile(path);
  return bytes === undefined ? undefined : tile(bytes);
}

/** Entry bundles are for auditors. To everyone else they do not exist; the attempt is logged all the same. */
async function hidden(plane: PeerPlane, arrival: Arrival): Promise<undefined> {
  const { error } = await recordRefusal(
    plane,
    arrival,
    new GatewayError('grant.refused', 'right audit is not granted'),
  );
  if (error.status >= 500) throw error;
}

function checkpoint(bytes: Buffer): Resource {
  return { bytes, mediaType: 'text/plain; charset=utf-8', cacheControl: 'no-store' };
}

function tile(bytes: Buffer): Resource {
  return {
    bytes,
    mediaType: 'application/octet-stream',
    cacheControl: 'private, max-age=31536000, immutable',
  };
}

function send(arrival: Arrival, resource: Resource | undefined): void {
  const { response, correlationId } = arrival;
  if (response.destroyed) return;
  response.setHeader('Correlation-Id', correlationId);
  if (resource === undefined) {
    response.writeHead(404, { 'Content-Length': 0 }).end();
    return;
  }
  const { bytes, mediaType, cacheControl } = resource;
  const headers = {
    'Content-Type': mediaType,
    'Content-Length': bytes.length,
    'Cache-Control': cacheControl,
  };
  response.writeHead(200, headers).end(bytes);
}
