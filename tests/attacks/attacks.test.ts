import assert from 'node:assert/strict';
import { forge } from '../exchange/forge.ts';
import { assertLedgerVerifies } from '../exchange/oracle.ts';
import { assertSigned } from '../exchange/refusal.ts';
import { send } from '../exchange/send.ts';
import { ids, openAttackWorld, type AttackWorld } from './attack-world.ts';
import { algorithmCases, malleable } from './cases/algorithm-cases.ts';
import { bundleCases } from './cases/bundle-cases.ts';
import { certificateCases } from './cases/certificate-cases.ts';
import { claimCases } from './cases/claim-cases.ts';
import { conversationCases } from './cases/conversation-cases.ts';
import { erasureCases } from './cases/erasure-cases.ts';
import { formCases } from './cases/form-cases.ts';
import { framingCases } from './cases/framing-cases.ts';
import { insiderCases } from './cases/insider-cases.ts';
import { joseHeaderCases } from './cases/header-cases.ts';
import { jsonCases } from './cases/json-cases.ts';
import { memberCases } from './cases/member-cases.ts';
import { memberPlaneCases } from './cases/member-plane-cases.ts';
import { outboundCases } from './cases/outbound-cases.ts';
import { pullCases } from './cases/pull-cases.ts';
import { registryCases } from './cases/registry-cases.ts';
import { replayCases } from './cases/replay-cases.ts';
import { serverCertificateCases } from './cases/server-certificate-cases.ts';
import { slowCases } from './cases/slow-cases.ts';
import { swappedCases } from './cases/swapped-cases.ts';
import { registryPeerCases } from './cases/registry-peer-cases.ts';
import { describeAttacks } from './describe-attacks.ts';
import { startMinute } from './rest.ts';
import { threatsWithoutAttack, writeReport } from './report.ts';
import { closeSmallWorld } from './small-world.ts';

describe('attacks', function () {
  this.timeout(120_000);
  let opened: AttackWorld;
  const world = (): AttackWorld => opened;
  before(async function () {
    this.timeout(180_000);
    opened = await openAttackWorld();
    // The members' keys are then older than the oldest token that still counts, however fast the cases come.
    for (let minute = 0; minute < 3; minute += 1) await startMinute(opened);
  });
  after(async () => {
    writeReport();
    await closeSmallWorld();
    await opened?.close();
  });

  describeAttacks('the algorithm of a token', [...algorithmCases, malleable], world);
  describeAttacks('the JOSE header', joseHeaderCases, world);
  describeAttacks('the claims', claimCases, world);
  describeAttacks('the text of a token', formCases, world);
  describeAttacks('the JSON of a body', jsonCases, world);
  describeAttacks('the bytes of a request', framingCases, world);
  describeAttacks('what follows on a connection', conversationCases, world);
  describeAttacks('the certificate of a caller', certificateCases, world);
  describeAttacks('the certificate of a server that we call', serverCertificateCases, world);
  describeAttacks('a member that may not', memberCases, world);
  describeAttacks('what is pulled', pullCases, world);
  describeAttacks('what was sent before', replayCases, world);
  describeAttacks('where the gateway is sent, and what it is told there', outboundCases, world);
  describeAttacks('an answer that was swapped', swappedCases, world);
  describeAttacks('a registry', registryCases, world);
  describeAttacks('a registry that a peer serves', registryPeerCases, world);
  describeAttacks("the member's own interface", memberPlaneCases, world);
  describeAttacks("erasing another's features", erasureCases, world);
  describeAttacks('time and share', slowCases, world);
  describeAttacks('from inside', insiderCases, world);
  // Last: deliveries and pulls go on a moment after each.
  describeAttacks('a bundle', bundleCases, world);

  describe('after all of it', () => {
    it('every threat of the design has an attack', () => {
      assert.deepEqual(threatsWithoutAttack(), []);
    });

    it('an honest message is accepted', async () => {
      const forged = await forge(world());
      const answer = await send(world(), forged);
      assert.equal(answer.status, 200, answer.body.toString());
      await assertSigned(world(), forged, answer);
    });

    for (const id of ids) {
      it(`the ledger of ${id} verifies whole`, () =>
        assertLedgerVerifies(world().gateways[id], world().exportDirectory));
    }
  });
});
