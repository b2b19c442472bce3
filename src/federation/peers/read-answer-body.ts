/** Reads the body of an answer, into memory of the caller's where it gave some. */
import type { Dispatcher } from 'undici';
import { GatewayError } from '../../core/errors.ts';

type Body = Dispatcher.ResponseData['body'];

/** Untrusted length: throws `exchange.response-invalid` when the body is larger than `into`, or than `maxBytes`. */
export async function readAnswerBody(
  body: Body,
  into: Buffer | undefined,
  maxBytes?: number,
): Promise<Buffer> {
  if (into !== undefined) return into.subarray(0, await copyInto(body, into));
  if (maxBytes === undefined) return Buffer.from(await body.arrayBuffer());
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function copyInto(body: Body, into: Buffer): Promise<number> {
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (length + chunk.length > into.length) throw tooLarge(into.length);
    length += chunk.copy(into, length);
  }
  return length;
}

function tooLarge(bytes: number): GatewayError {
  return new GatewayError('exchange.response-invalid', `the answer is larger than ${bytes} bytes`);
}
