import assert from 'node:assert/strict';
import { isGatewayError } from '../../../src/core/errors.ts';
import { openLedger, type Ledger, type SettledEntry } from '../../../src/ledger/ledger.ts';
import { verifyEntryProof, type EntryProof } from '../../../src/ledger/notes/tlog-proof.ts';
import { createTestDatabase, type TestDatabase } from '../../world/database.ts';
import { ledgerKey, MEMBER, offer, ORIGIN } from '../drafts.ts';

const SIZE = 11;

describe('proof file of a live ledger', () => {
  const key = ledgerKey(ORIGIN);
  const entries: SettledEntry[] = [];
  let world: TestDatabase;
  let ledger: Ledger;

  before(async () => {
    world = await createTestDatabase();
    const { database } = world;
    ledger = await openLedger({ database, member: MEMBER, origin: ORIGIN, key, clock: () => new Date() });
    const keys = await database.transaction(async (tx) => {
      const made: Buffer[] = [];
      for (let i = 0; i < SIZE; i++) made.push(await ledger.append(tx, offer('bank-b')));
      return made;
    });
    for (const appended of keys) entries.push(await ledger.settle(appended));
  });
  after(async () => {
    await ledger.close();
    await world.close();
  });

  /** In the middle of a ragged tree: hashes from both sides. */
  const claimed = (): EntryProof => {
    const settled = entries[6];
    assert.ok(settled);
    return { entry: settled.entry, proof: settled.proof, origin: ORIGIN, vkeys: [key.vkey] };
  };

  /** True when refused with a reason; anything but a reason is a crash. */
  function isRefused(claim: EntryProof): boolean {
    try {
      verifyEntryProof(claim);
      return false;
    } catch (error) {
      assert.ok(isGatewayError(error), String(error));
      assert.match(error.code, /^ledger\.(proof|note)-invalid$/);
      return true;
    }
  }

  it('verifies as it is, for every entry', () => {
    for (const [index, { entry, proof, leaf, size, root }] of entries.entries()) {
      const place = verifyEntryProof({ ...claimed(), entry, proof });
      assert.deepEqual(place, { origin: ORIGIN, index, leaf, size, root });
    }
    assert.equal(entries.at(-1)?.size, SIZE);
  });

  for (const part of ['proof', 'entry'] as const) {
    it(`is refused when any one bit of the ${part} is flipped`, () => {
      const claim = claimed();
      const whole = Buffer.from(claim[part]);
      for (let bit = 0; bit < whole.length * 8; bit++) {
        const flipped = Buffer.from(whole);
        flipped[bit >> 3] = (whole[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const where = `bit ${bit & 7} of byte ${bit >> 3}`;
        assert.ok(isRefused({ ...claim, [part]: flipped.toString('utf8') }), where);
      }
    });
  }

  it('is refused when it ends anywhere before its end, or goes on after it', () => {
    const claim = claimed();
    for (let length = 0; length < claim.proof.length; length++) {
      assert.ok(isRefused({ ...claim, proof: claim.proof.slice(0, length) }), `${length} characters`);
    }
    for (const more of ['\n', ' ', '\n\n', claim.proof, '— x AAAA\n']) {
      assert.ok(isRefused({ ...claim, proof: claim.proof + more }), JSON.stringify(more));
    }
  });

  it('is refused for another entry, another log, another key', () => {
    const claim = claimed();
    assert.ok(isRefused({ ...claim, entry: entries[5]?.entry ?? '' }));
    assert.ok(isRefused({ ...claim, origin: 'bank-b.example/ledger' }));
    assert.ok(isRefused({ ...claim, vkeys: [ledgerKey(ORIGIN).vkey] }));
    assert.ok(isRefused({ ...claim, vkeys: [] }));
  });
});
