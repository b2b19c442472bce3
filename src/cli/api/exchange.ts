/** One HTTP call with streamed bodies both ways; a refusal that comes while the body is still going out is heard. */
import { request as plainRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GatewayError } from '../../core/errors.ts';

export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Readable | Buffer;
}

/** Silence, not duration, ends a call: an upload may take hours. */
const IDLE_MS = 120_000;

export function exchange({ method, url, headers, body }: Exchange): Promise<IncomingMessage> {
  const open = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const call = open(url, { method, headers, agent: false, timeout: IDLE_MS });
    call.once('response', resolve);
    call.once('timeout', () => call.destroy(new Error(`no answer within ${IDLE_MS / 1000} s`)));
    call.on('error', (cause) => reject(unreachable(url, cause)));
    if (body === undefined) call.end();
    else if (Buffer.isBuffer(body)) call.end(body);
    // A body that the gateway no longer wants breaks the pipe; its answer is what counts then.
    else pipeline(body, call).catch((cause: unknown) => reject(unreachable(url, cause)));
  });
}

function unreachable(url: URL, cause: unknown): GatewayError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GatewayError('exchange.peer-unreachable', `${url.origin} cannot be reached: ${why}`, { cause });
}

export async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
