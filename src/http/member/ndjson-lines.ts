/** Splits a stream into lines without holding more than one of them. */
import type { Readable } from 'node:stream';
import { GatewayError } from '../../core/errors.ts';

const LF = 0x0a;
const CR = 0x0d;
export const MAX_LINE_BYTES = 64 * 1024;

/** Yields each line without its end; an empty last line is none. Throws `request.invalid` for a line that is too long. */
export async function* ndjsonLines(source: Readable): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  const chunks: AsyncIterable<Buffer> = source.iterator({ destroyOnReturn: false });
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, from)) {
      const piece = chunk.subarray(from, at);
      number++;
      yield checked(rest.length === 0 ? piece : Buffer.concat([rest, piece]), number);
      rest = Buffer.alloc(0);
      from = at + 1;
    }
    if (from < chunk.length) rest = Buffer.concat([rest, chunk.subarray(from)]);
    if (rest.length > MAX_LINE_BYTES) checked(rest, number + 1);
  }
  if (rest.length > 0) yield checked(rest, number + 1);
}

function checked(line: Buffer, number: number): Buffer {
  if (line.length > MAX_LINE_BYTES) {
    throw new GatewayError('request.invalid', `line ${number} is longer than ${MAX_LINE_BYTES} bytes`, {
      facts: { line: number },
    });
  }
  return line.at(-1) === CR ? line.subarray(0, -1) : line;
}
