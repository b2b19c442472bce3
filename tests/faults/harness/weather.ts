/** What a wire does to the bytes on it; changed while connections are open. */

/** As the caller sees it: `there` are its requests, `back` the answers. */
export type Direction = 'there' | 'back';

export interface Weather {
  /** Before each piece, in each direction. */
  readonly latencyMs?: number;
  readonly bytesPerSecond?: number;
  /** Most bytes of one segment; 1 cuts a stream into single bytes. */
  readonly slice?: number;
  /** Bytes of these directions are kept until the weather changes, like those of a link that is down. */
  readonly silent?: readonly Direction[];
  /** New connections are reset at once. */
  readonly refuses?: true;
  /** New connections go to this port instead: somebody sits on the wire. */
  readonly detour?: number;
  /** Both ends are reset after so many bytes of one connection in this direction. */
  readonly cutAfter?: { readonly direction: Direction; readonly bytes: number };
  /** Both ends are reset instead of passing on this piece. */
  readonly cutWhen?: (piece: Buffer, direction: Direction) => boolean;
}

export const FAIR: Weather = {};
