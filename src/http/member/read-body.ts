/** Reads a whole body into memory, within a limit of bytes and time. */
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';

const READ_TIMEOUT_MS = 30_000;

/** Throws `http.body-too-large` before reading when the length is announced, else as soon as it is passed. */
export async function readBody(
  request: IncomingMessage,
  limit: number,
  timeoutMs = READ_TIMEOUT_MS,
): Promise<Buffer> {
  const tooLarge = new GatewayError('http.body-too-large', `expected a body of at most ${limit} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge;
  const timer = setTimeout(() => request.destroy(), timeoutMs);
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    // the request outlives the loop: a refused body is still drained so that the answer arrives
    const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
    for await (const chunk of body) {
      size += chunk.length;
      if (size > limit) throw tooLarge;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  } finally {
    clearTimeout(timer);
  }
}
