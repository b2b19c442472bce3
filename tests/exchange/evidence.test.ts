import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { sha256 } from '../../src/core/digest.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { describePulls } from './bad-pulls.ts';
import { ACTOR, bearer, caseDraft, openEvidenceWorld, post, POLICE_QUOTA } from './evidence-world.ts';
import type { EvidenceMember, EvidenceWorld, Post } from './evidence-world.ts';
import { forge } from './forge.ts';
import { assertProblem, assertSameBusiness, entriesFrom, snapshot } from './oracle.ts';
import { describeUnseen } from './unseen.ts';
import { wireBetween } from './wire-world.ts';

describe('bad evidence', function () {
  this.timeout(60_000);
  let opened: EvidenceWorld;
  const world = (): EvidenceWorld => opened;
  before(async function () {
    this.timeout(180_000);
    opened = await openEvidenceWorld();
  });
  after(() => opened.close());

  interface Expected {
    readonly code: ErrorCode;
    /** Whether the caller was known, and so the ledger says who was refused. */
    readonly logged?: boolean;
  }

  /** The answer, one entry that names who asked, and nothing else. */
  async function refused(
    member: EvidenceMember,
    path: string,
    sent: Post,
    expected: Expected,
  ): Promise<void> {
    const { code, logged = true } = expected;
    const gateway = world().gateways[member];
    const before = await snapshot(gateway);
    const response = await post(world(), member, path, sent);
    const body = Buffer.from(await response.arrayBuffer());
    const headers = Object.fromEntries(response.headers);
    const { correlationId } = assertProblem({ status: response.status, headers, body }, code);
    const after = await snapshot(gateway);
    assertSameBusiness(before, after);
    const entries = await entriesFrom(gateway, before.ledgerSize);
    const told = entries.map((entry) => [entry.kind, entry.code, entry.actor, entry.peer, entry.subject.id]);
    assert.deepEqual(told, logged ? [['request.refused', code, ACTOR, undefined, correlationId]] : []);
  }

  describe('a packet that breaks its schema', () => {
    const breaches: readonly (readonly [name: string, code: ErrorCode, change: object])[] = [
      ['no document number', 'request.invalid', { docNo: undefined }],
      ['a member that the schema does not know', 'schema.invalid', { approvedBy: 'nobody' }],
      ['another packet type', 'schema.invalid', { packetType: 'POSTCARD' }],
      ['no items', 'packet.invalid', { items: [] }],
      ['a receiver that climbs', 'request.invalid', { receiver: '../police-p' }],
      ['no signatory', 'schema.invalid', { signatories: [] }],
    ];
    for (const [name, code, change] of breaches) {
      it(`${name}: ${code}, one entry, no packet`, async () => {
        const body = JSON.stringify({ ...(await caseDraft(world())), ...change });
        await refused('regulator-r', '/v1/packets', { body }, { code });
      });
    }

    it('JSON that two readers could read differently: json.duplicate-key', async () => {
      const body = JSON.stringify(await caseDraft(world())).replace('{', '{"docNo":"1",');
      await refused('regulator-r', '/v1/packets', { body }, { code: 'json.duplicate-key' });
    });
  });

  describe('an item whose digest differs', () => {
    const items: readonly (readonly [name: string, code: ErrorCode, change: object])[] = [
      ['another SM3 than the stored file', 'blob.digest-mismatch', { sm3: 'ab'.repeat(32) }],
      ['a file that was never uploaded', 'blob.not-found', { sha256: 'ab'.repeat(32), sm3: undefined }],
    ];
    for (const [name, code, change] of items) {
      it(`${name}: ${code}, one entry, no packet`, async () => {
        const draft = await caseDraft(world());
        const [first, ...others] = draft.items;
        const digests = { ...first!.digests, ...change };
        const body = JSON.stringify({ ...draft, items: [{ ...first, digests }, ...others] });
        await refused('regulator-r', '/v1/packets', { body }, { code });
      });
    }

    it('an upload that differs from its announced digest: blob.digest-mismatch, no file', async () => {
      const digest = `sha-256=:${sha256('original').toString('base64')}:`;
      const sent = {
        body: 'altered',
        type: 'application/octet-stream',
        headers: { 'content-digest': digest },
      };
      await refused('regulator-r', '/v1/blobs', sent, { code: 'blob.digest-mismatch' });
    });
  });

  describe('a blob store over its quota', () => {
    const type = 'application/octet-stream';

    it('an upload that says it is too large: blob.quota, one entry, no file', async () => {
      const body = randomBytes(POLICE_QUOTA + 1);
      await refused('police-p', '/v1/blobs', { body, type }, { code: 'blob.quota' });
    });

    it('an upload that turns out too large: blob.quota, one entry, no file', async () => {
      const chunks = Array.from({ length: 20 }, () => randomBytes(64 * 1024));
      const body = Readable.toWeb(Readable.from(chunks)) as unknown as Post['body'];
      await refused('police-p', '/v1/blobs', { body, type }, { code: 'blob.quota' });
    });
  });

  describe('a bearer token', () => {
    const none = async (token: string, code: ErrorCode): Promise<void> =>
      refused('regulator-r', '/v1/packets', { body: '{}', token }, { code, logged: false });

    it("of another member's issuer: auth.token-invalid, no entry", async () => {
      await none(await bearer(world(), 'police-p'), 'auth.token-invalid');
    });

    it('that is an exchange token of the member itself: auth.token-invalid, no entry', async () => {
      const { gateways, founded, time } = world();
      const [sender, receiver] = [gateways['bank-a'], gateways['regulator-r']];
      const wire = await wireBetween({ sender, receiver, ca: founded.ca, time });
      await none((await forge(wire)).token, 'auth.token-invalid');
      await wire.close();
    });

    it('without the scope: auth.scope-missing, one entry that names who asked', async () => {
      const token = await bearer(world(), 'regulator-r', ['screen']);
      await refused('regulator-r', '/v1/packets', { body: '{}', token }, { code: 'auth.scope-missing' });
    });
  });

  describeUnseen(world);
  describePulls(world);
});
