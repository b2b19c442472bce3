/** Tokens that are signed over any text at all, in place of a forged request's own. */
import { createHmac } from 'node:crypto';
import { forge, type Change, type Forged } from '../exchange/forge.ts';
import { sent, type AttackCase } from './attack.ts';
import type { AttackWorld } from './attack-world.ts';

export interface TokenText {
  /** The JOSE header's JSON, as text. */
  readonly header: string;
  readonly claims: string;
}

export type Sign = (input: Buffer) => Buffer | Promise<Buffer>;

export interface Tampering {
  readonly text?: (text: TokenText, world: AttackWorld) => TokenText;
  readonly sign?: (world: AttackWorld) => Sign | Promise<Sign>;
  /** Bends the compact text at last. */
  readonly compact?: (compact: string, world: AttackWorld) => string;
  readonly change?: Change;
}

export function tampered(tampering: Tampering): AttackCase['attack'] {
  return async (world) => sent(world, await tamper(world, tampering));
}

export async function tamper(world: AttackWorld, tampering: Tampering): Promise<Forged> {
  const one = await forge(world, tampering.change);
  const [header = '', claims = ''] = one.token
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString());
  const text = tampering.text?.({ header, claims }, world) ?? { header, claims };
  const sign = (await tampering.sign?.(world)) ?? ((input: Buffer) => world.keys.sender.sign(input));
  const input = `${encode(text.header)}.${encode(text.claims)}`;
  const compact = `${input}.${(await sign(Buffer.from(input, 'latin1'))).toString('base64url')}`;
  return withToken(one, tampering.compact?.(compact, world) ?? compact);
}

export function withToken(one: Forged, token: string): Forged {
  const headers = one.headers.map((line) =>
    line[0] === 'exchange-token' ? ([line[0], token] as const) : line,
  );
  return { ...one, headers, token };
}

export const hmac =
  (bits: 256 | 384 | 512, secret: Buffer | string): Sign =>
  (input) =>
    createHmac(`sha${bits}`, secret).update(input).digest();

export const encode = (text: string): string => Buffer.from(text).toString('base64url');
export const segments = (compact: string): [string, string, string] =>
  compact.split('.') as [string, string, string];
