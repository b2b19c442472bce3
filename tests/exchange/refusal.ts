/** A case of a refused request and the whole of what must be true after it. */
import assert from 'node:assert/strict';
import { sha256 } from '../../src/core/digest.ts';
import { UUID_V7 } from '../../src/core/ids.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import type { Entry } from '../../src/ledger/entry.ts';
import { contentDigestHeader, digestClaim } from '../../src/wire/content-digest.ts';
import { checkResponseClaims, readToken, type ResponseClaims } from '../../src/wire/exchange-token.ts';
import { verifySignature } from '../../src/wire/jws.ts';
import { forge, type Change, type Forged } from './forge.ts';
import { assertLedgerVerifies, assertProblem, assertSameBusiness, entriesFrom, snapshot } from './oracle.ts';
import { send, type Answer } from './send.ts';
import type { WireWorld } from './wire-world.ts';

export type Case = readonly [
  name: string,
  code: ErrorCode,
  change: Change | ((world: WireWorld) => Change | Promise<Change>),
];

export type Cases = { readonly unsigned?: readonly Case[]; readonly signed?: readonly Case[] };

export interface Expected {
  readonly code: ErrorCode;
  readonly signed: boolean;
  /** Member whose certificate the connection showed, when the registry lists it. */
  readonly certificate?: string | undefined;
}

/** One `it` for each case. */
export function describeRefusals(subject: string, cases: Cases, world: () => WireWorld): void {
  describe(subject, () => {
    for (const signed of [false, true]) {
      for (const [name, code, change] of (signed ? cases.signed : cases.unsigned) ?? []) {
        it(`${name}: ${signed ? 'signed' : 'unsigned'} ${code}`, async () => {
          const forged = await forge(world(), typeof change === 'function' ? await change(world()) : change);
          await assertRefused(world(), { code, signed }, forged);
        });
      }
    }
  });
}

export async function assertRefused(
  world: WireWorld,
  expected: Expected,
  forged: Forged,
  sending: (world: WireWorld, forged: Forged) => Promise<Answer> = send,
): Promise<Answer> {
  const { receiver } = world;
  const before = await snapshot(receiver);
  const answer = await sending(world, forged);
  const after = await snapshot(receiver);

  assertSameBusiness(before, after);
  const { correlationId } = assertProblem(answer, expected.code);
  const entries = await entriesFrom(receiver, before.ledgerSize);
  assertOneEntry(world, entries, { expected, forged, correlationId });
  if (expected.signed) {
    const claims = await assertSigned(world, forged, answer);
    const { origin } = receiver.ledger;
    const { leaf } = await leafAt(world, before.ledgerSize);
    assert.deepEqual(claims.rcpt, { origin, index: before.ledgerSize, leaf });
    assert.equal(claims.rpl, false);
  } else {
    assert.equal(answer.headers['exchange-token'], undefined, 'nobody is proven: the answer is unsigned');
    assert.ok(after.tokenIds <= before.tokenIds, 'nothing is allocated before authentication');
  }
  await assertLedgerVerifies(receiver, world.exportDirectory);
  count(world, expected);
  return answer;
}

/** Refusals of one code are logged singly only up to twenty a minute; other suites of cases add a few of their own. */
const MINUTELY = 12;
const counts = new WeakMap<WireWorld, Map<string, number>>();

function count(world: WireWorld, { code, signed }: Expected): void {
  const known = counts.get(world) ?? new Map<string, number>();
  counts.set(world, known);
  const seen = (known.get(`${code} ${signed}`) ?? 0) + 1;
  known.set(`${code} ${signed}`, seen);
  if (seen < MINUTELY) return;
  known.clear();
  world.nextMinute();
}

function assertOneEntry(
  world: WireWorld,
  entries: readonly Entry[],
  { expected, forged, correlationId }: { expected: Expected; forged: Forged; correlationId: string },
): void {
  const { code, signed } = expected;
  const peer = signed ? world.sender.config.member : undefined;
  assert.deepEqual(
    entries.map((entry) => [entry.kind, entry.code, entry.peer, entry.pair?.dir]),
    [['exchange.refused', code, peer, signed ? 'in' : undefined]],
  );
  const [entry] = entries as [Entry];
  assert.equal(entry.subject.id, correlationId);
  assert.equal(entry.mid, signed ? forged.mid : undefined);
  const certificate = 'certificate' in expected ? expected.certificate : holderOf(world, forged);
  assert.equal(entry.actor, certificate === undefined ? 'gateway' : `certificate:${certificate}`);
  const ids = forged.headers.filter(([name]) => name.toLowerCase() === 'exchange-id');
  const [, id] = ids[0] ?? ['', ''];
  if (ids.length === 1 && UUID_V7.test(id)) assert.equal(correlationId, id);
  assert.ok(!JSON.stringify(entry).includes(forged.token.split('.')[1] ?? forged.token));
}

function holderOf({ sender, receiver }: WireWorld, { as }: Forged): string | undefined {
  return { sender: sender.config.member, receiver: receiver.config.member }[as as string];
}

/** By the registered key of the answering member, and against the request as it was sent. */
export async function assertSigned(
  world: WireWorld,
  forged: Forged,
  answer: Answer,
): Promise<ResponseClaims> {
  const { headers, body, status } = answer;
  assert.equal(headers['content-digest'], contentDigestHeader(sha256(body)));
  const token = readToken(String(headers['exchange-token']), 'lzx-res+jwt');
  const key = world.sender.registry.current().sealKey(world.receiver.config.member, token.header.kid);
  assert.ok(key !== undefined && (await verifySignature(key, token.signingInput, token.signature)));
  const claims = checkResponseClaims(token.claims, {
    now: world.clock(),
    skewSeconds: 10,
    request: forged.claims,
    requestToken: forged.token,
    certificate: answer.serverCertificate,
    status,
    mediaType: String(headers['content-type']),
    digest: digestClaim(sha256(body)),
    length: body.length,
  });
  const received = digestClaim(sha256(forged.wire));
  assert.ok(claims.rcdg === null || claims.rcdg === received, 'rcdg is the digest of what came');
  return claims;
}

async function leafAt({ receiver }: WireWorld, index: number): Promise<{ leaf: string }> {
  const { rows } = await receiver.database.query<{ leaf: string }>(
    `SELECT encode(leaf, 'hex') AS leaf FROM ledger_entry WHERE seq = $1`,
    [index],
  );
  return rows[0] ?? { leaf: 'none' };
}
