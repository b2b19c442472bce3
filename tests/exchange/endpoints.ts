/** The other endpoints of the peer plane: status, parts, and the ledger's own paths. */
import assert from 'node:assert/strict';
import { newId } from '../../src/core/ids.ts';
import { forge } from './forge.ts';
import { assertLedgerVerifies, assertSameBusiness, entriesFrom, snapshot } from './oracle.ts';
import { assertSigned, describeRefusals, type Case, type Cases } from './refusal.ts';
import { send } from './send.ts';
import type { WireWorld } from './wire-world.ts';

const STATUS = '/x/v1/status';
const PARTS = '/x/v1/parts';
const REGISTRY = '/x/v1/registry';
const zeros = '0'.repeat(64);
const foreign = `urn:lianzheng:schema:other:1.0.0#${zeros}`;

const asked =
  (path: string) =>
  (name: string, code: Case[1], body: object): Case => [name, code, { path, body: JSON.stringify(body) }];
const status = asked(STATUS);
const parts = asked(PARTS);
const registry = asked(REGISTRY);
const held = { serial: 1, sha256: zeros };
const part = (): object => ({ transfer: newId(), sha256: zeros, n: 0 });

const statusCases: Cases = {
  unsigned: [
    [
      'a token for messages',
      'token.target-mismatch',
      (world) => ({
        path: STATUS,
        claims: { htu: `https://${world.receiver.config.peer.authority}/x/v1/messages` },
      }),
    ],
  ],
  signed: [
    status('no ids', 'schema.invalid', { ids: [] }),
    status('1,001 ids', 'schema.invalid', { ids: Array.from({ length: 1001 }, newId) }),
    status('ids that are none', 'schema.invalid', { ids: ["' OR 1=1"] }),
    status('a member too many', 'schema.invalid', { ids: [newId()], of: 'regulator-r' }),
    [
      'a foreign schema',
      'schema.unknown',
      { path: STATUS, body: `{"ids":["${newId()}"]}`, claims: { sch: foreign } },
    ],
  ],
};

const partCases: Cases = {
  signed: [
    parts('an unknown transfer', 'part.not-found', part()),
    parts('a part below the first', 'schema.invalid', { ...part(), n: -1 }),
    parts('half a part', 'schema.invalid', { ...part(), n: 0.5 }),
    parts('a path as digest', 'schema.invalid', { ...part(), sha256: '../../etc/passwd' }),
    parts('no transfer', 'schema.invalid', { sha256: zeros, n: 0 }),
    [
      'a foreign schema',
      'schema.unknown',
      { path: PARTS, body: JSON.stringify(part()), claims: { sch: foreign } },
    ],
  ],
};

const registryCases: Cases = {
  signed: [
    registry('a serial below the first', 'schema.invalid', { from: 0, limit: 1, held }),
    registry('65 documents', 'schema.invalid', { from: 1, limit: 65, held }),
    registry('no word of what is held', 'schema.invalid', { from: 1, limit: 1 }),
    registry('a digest that is none', 'schema.invalid', {
      from: 1,
      limit: 1,
      held: { serial: 1, sha256: 'x' },
    }),
    registry('a member too many', 'schema.invalid', { from: 1, limit: 1, held, of: 'regulator-r' }),
    [
      'a foreign schema',
      'schema.unknown',
      {
        path: REGISTRY,
        body: JSON.stringify({ from: 1, limit: 1, held }),
        claims: { sch: foreign },
      },
    ],
  ],
};

export function describeEndpoints(world: () => WireWorld): void {
  describeRefusals('a question for the status', statusCases, world);
  describeRefusals('a question for a part', partCases, world);
  describeRefusals('a question for the registry', registryCases, world);

  describe('answers that give nothing away', () => {
    it('status says unknown of ids never seen and of ids that were refused, and logs the answer only', async () => {
      const { receiver, exportDirectory } = world();
      const refused = await forge(world(), { content: { purpose: 'MARKETING' } });
      await send(world(), refused);
      const accepted = await forge(world());
      await send(world(), accepted);
      const before = await snapshot(receiver);
      const ids = [newId(), refused.mid, accepted.mid];
      const forged = await forge(world(), { path: STATUS, body: JSON.stringify({ ids }) });
      const answer = await send(world(), forged);
      const { results } = JSON.parse(answer.body.toString()) as { results: { id: string; state: string }[] };
      assert.deepEqual(
        results.map(({ id, state }) => [id, state]),
        ids.map((id) => [id, id === accepted.mid ? 'accepted' : 'unknown']),
      );
      await assertSigned(world(), forged, answer);
      assertSameBusiness(before, await snapshot(receiver));
      const entries = await entriesFrom(receiver, before.ledgerSize);
      assert.deepEqual(
        entries.map(({ kind, peer }) => [kind, peer]),
        [['status.answered', world().sender.config.member]],
      );
      await assertLedgerVerifies(receiver, exportDirectory);
    });

    it('entry bundles do not exist for a member without an audit grant, and the attempt is logged', async () => {
      const { receiver } = world();
      const before = await snapshot(receiver);
      const path = '/ledger/tile/entries/000.p/1';
      const forged = await forge(world(), {
        method: 'GET',
        path,
        headers: ([host]) => [host!],
        wire: Buffer.alloc(0),
      });
      const answer = await send(world(), forged);
      assert.deepEqual([answer.status, answer.body.length], [404, 0]);
      assertSameBusiness(before, await snapshot(receiver));
      const entries = await entriesFrom(receiver, before.ledgerSize);
      assert.deepEqual(
        entries.map(({ kind, code, peer }) => [kind, code, peer]),
        [['exchange.refused', 'grant.refused', undefined]],
      );
    });
  });
}
