import assert from 'node:assert/strict';
import { newId } from '../../../src/core/ids.ts';
import { verifyEntryProof } from '../../../src/ledger/notes/tlog-proof.ts';
import { call, get, openPeerWorld, type PeerWorld } from './world.ts';

describe('peer plane: what a party may read without an audit grant', function () {
  this.timeout(60_000);
  let world: PeerWorld;
  before(async () => {
    world = await openPeerWorld();
  });
  after(() => world.close());

  it('gives the entry of a message to the member that sent it, with its proof, and to nobody else', async () => {
    const { claims } = await call(world);
    const path = `/ledger/messages/${claims.mid}`;
    const answer = await get(world, path);
    assert.equal(answer.status, 200);
    const { entries } = JSON.parse(answer.body.toString()) as {
      entries: { index: number; entry: string; proof: string }[];
    };
    const { ledger } = world.gateway;
    assert.equal(entries.length, 1);
    const place = verifyEntryProof({ ...entries[0]!, origin: ledger.origin, vkeys: [ledger.vkey] });
    assert.equal(place.index, entries[0]?.index);
    assert.equal((JSON.parse(entries[0]!.entry) as { mid: string }).mid, claims.mid);
    const [other, none] = [await get(world, path, 'r'), await get(world, `/ledger/messages/${newId()}`)];
    assert.deepEqual([other.status, other.body.length], [404, 0]);
    assert.deepEqual([none.status, none.body.length], [404, 0]);
  });

  it('tells a member only its own signed requests', async () => {
    const { token } = await call(world);
    const mine = JSON.parse((await get(world, '/witness/receipts')).body.toString()) as { tokens: string[] };
    assert.ok(mine.tokens.includes(token));
    const others = JSON.parse((await get(world, '/witness/receipts', 'r')).body.toString()) as {
      tokens: string[];
    };
    assert.deepEqual(others.tokens, []);
  });
});
