/** Cuts a stream of bytes into NDJSON lines without ever holding more than one. */

export const MAX_LINE_BYTES = 64 * 1024;

const NEWLINE = 0x0a;

/**
 * Yields every line without its newline, blank ones too, so that counting them gives line numbers. A line over
 * MAX_LINE_BYTES comes cut to one byte more than that, which the check of the line then refuses.
 */
export async function* ndjsonLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  const hold = (piece: Buffer): void => {
    const room = MAX_LINE_BYTES + 1 - size;
    if (room > 0) held.push(piece.subarray(0, room));
    size += Math.min(piece.length, Math.max(room, 0));
  };
  for await (const bytes of source) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      hold(chunk.subarray(start, end));
      yield held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held);
      held = [];
      size = 0;
      start = end + 1;
    }
    if (start < chunk.length) hold(Buffer.from(chunk.subarray(start)));
  }
  if (size > 0) yield Buffer.concat(held);
}
