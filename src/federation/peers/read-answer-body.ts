/** Reads the body of an answer, into memory of the caller's where it gave some. */
import type { Dispatcher } from 'undici';
import { GatewayError } from '../../core/errors.ts';

/** Untrusted length: throws `exchange.response-invalid` when the body is larger than `into`. */
export async function readAnswerBody(
  body: Dispatcher.ResponseData['body'],
  into: Buffer | undefined,
): Promise<Buffer> {
  if (into === undefined) return Buffer.from(await body.arrayBuffer());
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (length + chunk.length > into.length) {
      throw new GatewayError('exchange.response-invalid', `the answer is larger than ${into.length} bytes`);
    }
    length += chunk.copy(into, length);
  }
  return into.subarray(0, length);
}
