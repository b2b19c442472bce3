import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from '../../../src/core/errors.ts';
import { sha256, sha256Hex } from '../../../src/core/digest.ts';
import { newId } from '../../../src/core/ids.ts';
import { PeerClient } from '../../../src/federation/peers/peer-client.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { digestClaim } from '../../../src/wire/content-digest.ts';
import { checkResponseClaims, readToken, type ResponseClaims } from '../../../src/wire/exchange-token.ts';
import { verifySignature } from '../../../src/wire/jws.ts';
import {
  call,
  claimsFor,
  get,
  noteBody,
  openPeerWorld,
  PART,
  type Answered,
  type PeerWorld,
} from './world.ts';

describe('peer plane', () => {
  let world: PeerWorld;
  before(async function () {
    this.timeout(60_000);
    world = await openPeerWorld();
  });
  after(() => world.close());

  /** Every check that a caller makes of an answer. */
  async function verified(answer: Answered): Promise<ResponseClaims> {
    const read = readToken(String(answer.headers['exchange-token']), 'lzx-res+jwt');
    const key = world.alliance.view.sealKey('bank-b', read.header.kid);
    assert.ok(key !== undefined && (await verifySignature(key, read.signingInput, read.signature)));
    return checkResponseClaims(read.claims, {
      now: new Date(),
      skewSeconds: 10,
      request: answer.claims,
      requestToken: answer.token,
      certificate: world.identities.server.x5t,
      status: answer.status,
      mediaType: String(answer.headers['content-type']),
      digest: digestClaim(sha256(answer.body)),
      length: answer.body.length,
    });
  }

  it('accepts a message, answers signed and with its ledger position', async () => {
    const answer = await call(world);
    assert.equal(answer.status, 200, answer.body.toString());
    const claims = await verified(answer);
    const entries = await world.gateway.entries();
    const index = claims.rcpt?.index ?? -1;
    assert.equal(entries[index]?.kind, 'message.accepted');
    assert.equal(entries[index].mid, answer.claims.mid);
    assert.equal(claims.rpl, false);
    assert.equal(claims.rcdg, answer.claims.cdg);
    assert.equal(answer.headers['correlation-id'], answer.claims.mid);
  });

  it('answers a retry with the same bytes, a fresh token and replayed', async () => {
    const body = await noteBody(world);
    const mid = newId();
    const first = await call(world, { body, claims: { mid } });
    const second = await call(world, { body, claims: { mid } });
    const [one, two] = [await verified(first), await verified(second)];
    assert.deepEqual(second.body, first.body);
    assert.deepEqual([one.rpl, two.rpl], [false, true]);
    assert.deepEqual(two.rcpt, one.rcpt);
    assert.notEqual(two.jti, one.jti);
  });

  it('refuses other content under the same id with a signed 409', async () => {
    const mid = newId();
    await call(world, { claims: { mid } });
    const answer = await call(world, { claims: { mid } });
    assert.deepEqual([answer.status, answer.code], [409, 'exchange.id-conflict']);
    const claims = await verified(answer);
    const entry = (await world.gateway.entries())[claims.rcpt?.index ?? -1];
    assert.deepEqual([entry?.kind, entry?.code, entry?.peer], ['exchange.refused', answer.code, 'bank-a']);
  });

  it('accepts one of twenty identical requests that come at once', async () => {
    const body = await noteBody(world);
    const claims = claimsFor(world, '/x/v1/messages', body);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => call(world, { body, claims: { ...claims } })),
    );
    const outcomes = answers.map((answer) => answer.code ?? answer.status).sort();
    assert.deepEqual(outcomes, [200, ...Array.from({ length: 19 }, () => 'token.replayed')]);
    for (const answer of answers) await verified(answer);
  });

  it('answers status for the ids that the caller asks about', async () => {
    const accepted = await call(world);
    const unknown = newId();
    const body = Buffer.from(JSON.stringify({ ids: [accepted.claims.mid, unknown] }));
    const answer = await call(world, { path: '/x/v1/status', body, claims: { grp: '-', ofr: null } });
    const claims = await verified(answer);
    const { results } = JSON.parse(answer.body.toString()) as { results: { id: string; state: string }[] };
    assert.deepEqual(
      results.map(({ id, state }) => [id, state]),
      [
        [accepted.claims.mid, 'accepted'],
        [unknown, 'unknown'],
      ],
    );
    assert.equal((await world.gateway.entries())[claims.rcpt?.index ?? -1]?.kind, 'status.answered');
  });

  it('streams a part under a token that was signed before it', async () => {
    const body = Buffer.from(JSON.stringify({ transfer: newId(), sha256: '0'.repeat(64), n: 0 }));
    const answer = await call(world, { path: '/x/v1/parts', body });
    const claims = await verified(answer);
    assert.deepEqual([claims.cty, claims.len], ['application/octet-stream', PART.length]);
    assert.ok(answer.body.equals(PART));
  });

  it('breaks a part off half-way when what it was offered under has ended', async () => {
    let ended = false;
    const slow = Readable.from(
      (async function* () {
        for (let at = 0; at < PART.length; at += 10_000) {
          yield PART.subarray(at, at + 10_000);
          await sleep(100);
          ended ||= at === 50_000;
        }
      })(),
    );
    const port = await world.serve({
      parts: {
        open: ({ claims: { ofr } }) =>
          Promise.resolve({
            body: { stream: slow, length: PART.length, sha256: sha256Hex(PART) },
            receipt: ofr ?? { origin: 'x', index: 0, leaf: '0'.repeat(64) },
            standing: () => {
              if (ended) throw new GatewayError('grant.refused');
            },
          }),
      },
    });
    const body = Buffer.from(JSON.stringify({ transfer: newId(), sha256: sha256Hex(PART), n: 0 }));
    const started = Date.now();
    await assert.rejects(call(world, { path: '/x/v1/parts', body, port }), /aborted|ECONNRESET|hang up/);
    assert.ok(Date.now() - started < 2500, `${Date.now() - started} ms`);
  });

  it('refuses a part that was not offered, signed', async () => {
    const body = Buffer.from(JSON.stringify({ transfer: newId(), sha256: '0'.repeat(64), n: 1 }));
    const answer = await call(world, { path: '/x/v1/parts', body });
    assert.equal(answer.code, 'part.not-found');
    await verified(answer);
  });

  it('satisfies the federation’s own client', async () => {
    const { registry } = world.gateway;
    const { seal } = world.alliance.members.a;
    const tls = world.identities.a;
    const own = { registry, member: 'bank-a', sealKey: seal.signing, tls, clock: systemClock };
    const client = new PeerClient({ ...own, allowPrivateNetworks: true });
    try {
      const body = Buffer.from(JSON.stringify({ ids: [newId()] }));
      const common = {
        to: 'bank-b',
        group: '-',
        purpose: 'RECONCILIATION',
        mid: newId(),
        schema: '-',
        offer: null,
      };
      const answer = await client.call({ ...common, path: '/x/v1/status', body });
      assert.equal(answer.status, 200);
      const refused = await client.call({ ...common, path: '/x/v1/status', body: Buffer.from('{"ids":[]}') });
      assert.equal(refused.status, 422);
    } finally {
      await client.close();
    }
  });

  it('serves checkpoint and hash tiles to members, entries to auditors only', async () => {
    await call(world);
    const size = Number((await get(world, '/ledger/checkpoint')).body.toString().split('\n')[1]);
    const width = `.p/${size % 256}`;
    assert.equal((await get(world, `/ledger/tile/0/000${width}`)).body.length, size * 32);
    assert.equal((await get(world, `/ledger/tile/entries/000${width}`, 'r')).status, 200);

    const hidden = await get(world, `/ledger/tile/entries/000${width}`);
    const missing = await get(world, '/ledger/tile/entries/999');
    assert.deepEqual([hidden.status, hidden.body], [404, missing.body]);
    const refusals = (await world.gateway.entries()).filter((entry) => entry.code === 'grant.refused');
    assert.ok(refusals.length >= 1);
  });

  it('answers 404 for ledger paths that are no tile', async () => {
    const paths = [
      '',
      'tile/',
      'tile/0/1',
      'tile/0/../0/000',
      'tile/0/000?x',
      'tile/entries/000.p/',
      'checkpoint/',
      'x',
    ];
    for (const path of paths) assert.equal((await get(world, `/ledger/${path}`)).status, 404, path);
  });
});
