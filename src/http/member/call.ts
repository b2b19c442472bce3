/** What the plane knows about one call beside Express's own request. */
import type { Request } from 'express';
import { newId } from '../../core/ids.ts';

/** Who calls, as the verified bearer token says. */
export interface Caller {
  readonly subject: string;
  readonly scopes: readonly string[];
}

export interface Call {
  readonly correlationId: string;
  readonly startedAt: bigint;
  operation?: string;
  /** Of the refusal. */
  code?: string;
  caller?: Caller;
}

const calls = new WeakMap<Request, Call>();

/** The call of `request`; made at the first ask. */
export function callOf(request: Request): Call {
  const known = calls.get(request);
  if (known !== undefined) return known;
  const call: Call = { correlationId: newId(), startedAt: process.hrtime.bigint() };
  calls.set(request, call);
  return call;
}

/** The subject of the bearer token. Only for handlers that stand behind `authenticate`. */
export function actorOf(request: Request): string {
  const caller = callOf(request).caller;
  if (caller === undefined) throw new Error('a handler ran without authentication');
  return caller.subject;
}
