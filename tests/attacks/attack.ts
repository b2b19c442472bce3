/** One attack: what is sent, by whom, and what must be true afterwards. */
import { errorTable } from '../../src/core/error-table.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { forge, type Change, type Forged } from '../exchange/forge.ts';
import { bytesOf, send, sendBytes, type Answer } from '../exchange/send.ts';
import type { WireWorld } from '../exchange/wire-world.ts';
import type { AttackWorld } from './attack-world.ts';
import type { Threat } from './threats.ts';

/** What the attacker sees. */
export interface Outcome {
  /** Zero: the connection ended without an answer. */
  readonly status: number;
  readonly code?: string | undefined;
  readonly signed?: boolean;
  /** Must not stand in a log line. */
  readonly secrets?: readonly string[];
}

export interface Expectation {
  readonly status: number;
  /** An error code, or a check of the verifier. */
  readonly code?: ErrorCode | `E-${string}`;
  /** Default: not asked. */
  readonly signed?: boolean;
  /** Kinds of the victim's new ledger entries; default one `exchange.refused` of the code. */
  readonly entries?: readonly string[];
  /** In place of `entries`, where two parts of the victim race: as many, and the case says why both are right. */
  readonly orEntries?: readonly string[];
  /** Signed calls that go out to a member; default none. */
  readonly calls?: number;
  /** Rows may change: what stands at a limit and not above it is honest. */
  readonly honest?: boolean;
}

export interface AttackCase {
  readonly name: string;
  readonly threat: Threat;
  readonly attack: (world: AttackWorld) => Promise<Outcome>;
  readonly expect: Expectation;
  /** Whose rows, files and entries are looked at; default the receiver of forged messages. */
  readonly victim?: (world: AttackWorld) => Pick<Gateway, 'database' | 'config'>;
  /** Why it can't hold yet. */
  readonly pending?: string;
}

export type Making = Change | ((world: AttackWorld) => Change | Promise<Change>);

/** Refused before anybody is proven: an unsigned problem. */
export function unsigned(code: ErrorCode, rest: Partial<Expectation> = {}): Expectation {
  return { status: errorTable[code].status, code, signed: false, ...rest };
}

/** Refused after the caller is proven: signed. */
export function signed(code: ErrorCode, rest: Partial<Expectation> = {}): Expectation {
  return { status: errorTable[code].status, code, signed: true, ...rest };
}

/** No answer, no entry. */
export const CUT: Expectation = { status: 0, entries: [] };
export const ACCEPTED: Expectation = {
  status: 200,
  signed: true,
  entries: ['message.accepted'],
  honest: true,
};
/** Node's parser refuses: logged under one code whatever it was. */
export const UNREADABLE: Expectation = { status: 400, code: 'http.header-invalid', signed: false };

/** A message as the forge makes it, with one thing changed. */
export function forged(making: Making): AttackCase['attack'] {
  return async (world) => {
    const change = typeof making === 'function' ? await making(world) : making;
    return sent(world, await forge(world, change));
  };
}

export async function sent(world: WireWorld, one: Forged): Promise<Outcome> {
  return outcomeOf(await send(world, one), one);
}

/** The same, byte by byte: what no HTTP client would send. */
export function raw(making: Making, bend: (bytes: string) => string = (b) => b): AttackCase['attack'] {
  return async (world) => {
    const change = typeof making === 'function' ? await making(world) : making;
    const one = await forge(world, change);
    const text = bend(bytesOf(one).toString('latin1'));
    const answer = await sendBytes(world, Buffer.from(text, 'latin1')).catch(() => undefined);
    return answer === undefined ? { status: 0 } : outcomeOf(answer, one);
  };
}

export function outcomeOf(answer: Answer, one?: Forged): Outcome {
  const problem = answer.headers['content-type'] === 'application/problem+json';
  const { code } = (problem ? JSON.parse(answer.body.toString()) : {}) as { code?: string };
  return {
    status: answer.status,
    code,
    signed: answer.headers['exchange-token'] !== undefined,
    ...(one === undefined ? {} : { secrets: secretsOf(one) }),
  };
}

function secretsOf({ token }: Forged): string[] {
  return token.split('.').filter((segment) => segment.length >= 40);
}
