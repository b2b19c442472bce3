/** A place in a member's feed: a ledger index in a form that nobody is tempted to count with. */
import { GatewayError } from '../../core/errors.ts';

const FORM = /^feed1:(0|[1-9]\d{0,14})$/;

/** Everything up to `index` has been looked at. Entries act only when durable, so nothing appears behind it later. */
export function writeCursor(index: number): string {
  return Buffer.from(`feed1:${index}`).toString('base64url');
}

/** Untrusted; null is the beginning. Throws feed.cursor-invalid. */
export function readCursor(cursor: string | null): number {
  if (cursor === null) return -1;
  const [, index] = FORM.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (index === undefined) throw new GatewayError('feed.cursor-invalid');
  return Number(index);
}
