import assert from 'node:assert/strict';
import { bodyCases } from './cases/body-cases.ts';
import { envelopeCases, schemaCases } from './cases/envelope-cases.ts';
import { disclosureCases, grantCases } from './cases/grant-cases.ts';
import { certificateCases, headerCases } from './cases/header-cases.ts';
import { claimCases, formCases, missingClaimCases } from './cases/token-cases.ts';
import { describeEndpoints } from './endpoints.ts';
import { forge, personalFeature } from './forge.ts';
import { describeHandshakes } from './handshakes.ts';
import { assertLedgerVerifies, entriesFrom, snapshot } from './oracle.ts';
import { describeRawRequests } from './raw-requests.ts';
import { describeRefusals, assertSigned } from './refusal.ts';
import { describeReplays } from './replays.ts';
import { closeConnections, send } from './send.ts';
import { openWireWorld, type WireWorld } from './wire-world.ts';

describe('bad input at the peer plane', function () {
  this.timeout(60_000);
  let opened: WireWorld;
  const world = (): WireWorld => opened;
  before(async function () {
    this.timeout(180_000);
    opened = await openWireWorld();
  });
  after(async () => {
    closeConnections(opened);
    await opened.close();
  });

  for (const personal of [false, true]) {
    it(`accepts what the forge makes ${personal ? 'with a disclosure' : 'unchanged'}`, async () => {
      const { receiver, exportDirectory } = world();
      const before = await snapshot(receiver);
      const { feature, disclosure } = personalFeature(world());
      const content = { body: { features: [feature] } };
      const forged = await forge(world(), personal ? { content, disclosures: [disclosure] } : {});
      const answer = await send(world(), forged);
      assert.equal(answer.status, 200, answer.body.toString());
      await assertSigned(world(), forged, answer);
      const after = await snapshot(receiver);
      const changed = Object.keys(after.tables).filter((name) => after.tables[name] !== before.tables[name]);
      const written = ['feature', 'feature_batch', ...(personal ? ['feature_disclosure'] : []), 'inbox'];
      assert.deepEqual(changed, written);
      const entries = await entriesFrom(receiver, before.ledgerSize);
      assert.deepEqual(
        entries.map(({ kind, mid }) => [kind, mid]),
        [['message.accepted', forged.mid]],
      );
      await assertLedgerVerifies(receiver, exportDirectory);
    });
  }

  it('accepts a message that names no offer; its entry has no counterpart then', async () => {
    const { receiver } = world();
    const { ledgerSize } = await snapshot(receiver);
    const answer = await send(world(), await forge(world(), { claims: { ofr: null } }));
    assert.equal(answer.status, 200, answer.body.toString());
    const [entry] = await entriesFrom(receiver, ledgerSize);
    assert.deepEqual([entry?.kind, entry?.counter], ['message.accepted', undefined]);
  });

  describeHandshakes(world);
  describeRefusals('the certificate', certificateCases, world);
  describeRefusals('the headers', headerCases, world);
  describeRawRequests(world);
  describeRefusals('the form and key of the token', formCases, world);
  describeRefusals('the claims', claimCases, world);
  describeRefusals('a claim that is missing', missingClaimCases, world);
  describeRefusals('the body', bodyCases, world);
  describeRefusals('the envelope', envelopeCases, world);
  describeRefusals('schema and kind', schemaCases, world);
  describeRefusals('the grant', grantCases, world);
  describeRefusals('the disclosures', disclosureCases, world);
  describeReplays(world);
  describeEndpoints(world);
});
