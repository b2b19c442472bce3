/** Check 8: the body, read only now, against its announced length and digest. */
import type { Readable } from 'node:stream';
import { sha256 } from '../../../core/digest.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { ExchangeHeaders } from './headers.ts';

export interface CheckedBody {
  readonly bytes: Buffer;
  readonly sha256: Buffer;
}

export interface BodyWatch {
  /** Starts to watch the sender's speed; what it returns ends the watch. */
  readonly watch: (onTooSlow: () => void) => () => void;
  /** Learns what came and was computed even when it differs, so that the refusal can name it. */
  readonly onDigest: (computed: Buffer, bytes: Buffer) => void;
}

/** Throws `http.body-truncated`, `http.body-too-slow`, `exchange.digest-mismatch`. */
export async function checkBody(
  request: Readable,
  headers: Pick<ExchangeHeaders, 'length' | 'digest'>,
  { watch, onDigest }: BodyWatch,
): Promise<CheckedBody> {
  const bytes = await readExactly(request, headers.length, watch);
  const computed = sha256(bytes);
  onDigest(computed, bytes);
  if (!computed.equals(headers.digest)) throw new GatewayError('exchange.digest-mismatch');
  return { bytes, sha256: computed };
}

/** Node's parser gives at most Content-Length bytes; fewer mean that the caller went away. */
function readExactly(request: Readable, length: number, watch: BodyWatch['watch']): Promise<Buffer> {
  // Who hung up before this: the events that tell of it are over, and would be waited for with the place held.
  if (request.destroyed) return Promise.reject(truncated());
  return new Promise<Buffer>((resolve, reject) => {
    const unwatch = watch(() => reject(new GatewayError('http.body-too-slow')));
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= length) chunks.push(chunk);
    });
    request.once('error', () => reject(truncated()));
    // It comes after every request; an error made in vain costs its stack trace.
    request.once('close', () => {
      unwatch();
      if (!request.readableEnded) reject(truncated());
    });
    request.once('end', () => {
      unwatch();
      if (size !== length) return reject(truncated());
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size));
    });
  });
}

function truncated(): GatewayError {
  return new GatewayError('http.body-truncated');
}
