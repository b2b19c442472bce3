import assert from 'node:assert/strict';
import type { JsonValue } from '../../src/core/canonical.ts';
import { nextRegistry } from '../../src/federation/alliance.ts';
import {
  heldLedgerKeys,
  KEY_OVERLAP_SECONDS,
  ledgerKeys,
  vkeysAt,
} from '../../src/federation/ledger-keys.ts';
import { readRegistryChain } from '../../src/federation/registry/registry-chain.ts';
import type { RegistryBody, RegistryLedger } from '../../src/federation/registry/registry-types.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import { endorseKey, endorseLedgerKey } from '../../src/federation/registry/key-change.ts';
import { createLedgerKey } from '../../src/ledger/notes/note.ts';
import { ALLIANCE, digestOf, publish, testAlliance, type TestAlliance } from './alliance.ts';

const ORIGIN = 'bank-a.example/log';
const DAY_MS = 86_400_000;
const start = Date.parse('2026-01-01T00:00:00.000Z');

/** Registry n is issued on day n-1 and lists the vkey given, or no such log. */
function chainOf(...vkeys: readonly (string | undefined)[]) {
  return vkeys.map((vkey, day) => {
    const members = vkey === undefined ? [] : [{ id: 'bank-a', ledger: { origin: ORIGIN, vkey } }];
    const issuedAt = new Date(start + day * DAY_MS).toISOString();
    return { body: { serial: day + 1, issuedAt, members } as unknown as RegistryBody };
  });
}
const on = (day: number): Date => new Date(start + day * DAY_MS);

describe('ledger keys of the registries', () => {
  it('count from the first registry that lists them, the first key from ever', () => {
    const keys = ledgerKeys(chainOf('k1', 'k1', 'k2'), ORIGIN);
    assert.deepEqual(vkeysAt(keys, on(-100)), ['k1']);
    assert.deepEqual(vkeysAt(keys, on(1.9)), ['k1']);
    assert.deepEqual(vkeysAt(keys, on(100)), ['k2']);
  });

  it('overlap for a day, because members do not get a registry at the same moment', () => {
    const keys = ledgerKeys(chainOf('k1', 'k2', 'k2'), ORIGIN);
    assert.equal(KEY_OVERLAP_SECONDS, 86_400);
    assert.deepEqual(vkeysAt(keys, on(1)), ['k1', 'k2']);
    assert.deepEqual(vkeysAt(keys, new Date(on(2).getTime() - 1)), ['k1', 'k2']);
    assert.deepEqual(vkeysAt(keys, on(2)), ['k2']);
    assert.deepEqual(
      vkeysAt(keys, new Date(on(1).getTime() - 600_001)),
      ['k1'],
      'ten minutes of skew, no more',
    );
  });

  it('count only in the times in which they were listed, also when they come back', () => {
    const back = ledgerKeys(chainOf('k1', 'k2', 'k2', 'k2', 'k1'), ORIGIN);
    assert.deepEqual(
      [0, 2.5, 4.5, 9].map((day) => vkeysAt(back, on(day)).join()),
      ['k1', 'k2', 'k2,k1', 'k1'],
    );
    const gone = ledgerKeys(chainOf('k1', undefined, undefined, 'k1'), ORIGIN);
    assert.deepEqual(
      [0, 2.5, 4].map((day) => vkeysAt(gone, on(day)).join()),
      ['k1', '', 'k1'],
    );
    assert.deepEqual(ledgerKeys(chainOf('k1'), 'elsewhere'), []);
  });

  it('are taken from as many registries as a gateway holds', () => {
    const views = chainOf('k1', 'k1', 'k2').map(({ body }) =>
      createRegistryView({
        body: {
          ...body,
          groups: [],
          schemas: [],
          grants: [],
          members: body.members.map((member) => ({ ...member, gateways: [], keys: [], signers: [] })),
        },
        sha256: '',
      }),
    );
    const held = {
      current: () => views[2]!,
      at: (serial: number) => (serial === 1 ? undefined : views[serial - 1]),
    };
    assert.deepEqual(
      heldLedgerKeys(held, ORIGIN).map(({ vkey }) => vkey),
      ['k1', 'k2'],
    );
  });
});

describe('a changed ledger key in the registry', () => {
  let alliance: TestAlliance;
  before(async () => {
    alliance = await testAlliance();
  });

  const trust = () => ({ alliance: ALLIANCE, operators: alliance.body.operators, schemas: alliance.schemas });
  async function change(ledger: RegistryLedger) {
    const [first, ...rest] = alliance.body.members;
    const previous = { body: alliance.body, sha256: digestOf(alliance.body) };
    const next = nextRegistry(previous, { members: [{ ...first!, ledger }, ...rest] }, { now: new Date() });
    const documents = await Promise.all([alliance.body, next].map((body) => publish(alliance, body)));
    return readRegistryChain(documents as unknown as JsonValue[], trust());
  }
  const fresh = () => {
    const { origin } = alliance.members.a.ledger;
    return { origin, vkey: createLedgerKey(origin).vkey };
  };

  it('is admitted when the member’s seal key vouches for it, or a recovery is recorded', async () => {
    const { origin, vkey } = fresh();
    const succession = { alliance: ALLIANCE, member: 'bank-a', vkey };
    const endorsement = await endorseLedgerKey(succession, alliance.members.a.seal.signing);
    const chain = await change({ origin, vkey, endorsement });
    assert.deepEqual(
      ledgerKeys(chain, origin).map((key) => key.vkey),
      [alliance.members.a.ledger.vkey, vkey],
    );
    const recovery = { at: new Date().toISOString(), reason: 'the machine burnt' };
    assert.equal((await change({ origin, vkey, endorsement: { recovery } })).length, 2);
  });

  it('is refused when operators put it there in silence, or with a word that is not the member’s', async () => {
    const { origin, vkey } = fresh();
    const { a, b } = alliance.members;
    const of = { alliance: ALLIANCE, member: 'bank-a', vkey };
    const false_ = [
      undefined,
      await endorseLedgerKey(of, b.seal.signing),
      await endorseLedgerKey({ ...of, vkey: fresh().vkey }, a.seal.signing),
      await endorseLedgerKey({ ...of, member: 'bank-b' }, a.seal.signing),
      await endorseKey({ alliance: ALLIANCE, member: 'bank-a', kid: vkey }, a.seal.signing),
    ];
    for (const endorsement of false_) {
      const ledger = { origin, vkey, ...(endorsement === undefined ? {} : { endorsement }) };
      await assert.rejects(change(ledger), { code: 'registry.chain-broken' });
    }
  });

  it('is refused under another name than the origin, also with the member’s word', async () => {
    const { origin } = fresh();
    const { vkey } = createLedgerKey('elsewhere.example/log');
    const endorsement = await endorseLedgerKey(
      { alliance: ALLIANCE, member: 'bank-a', vkey },
      alliance.members.a.seal.signing,
    );
    await assert.rejects(change({ origin, vkey, endorsement }), { code: 'registry.chain-broken' });
  });
});
