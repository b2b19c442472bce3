import assert from 'node:assert/strict';
import { nextRegistry } from '../../src/federation/alliance.ts';
import { documentOf, readDraft, signDraft } from '../../src/federation/drafting/draft.ts';
import { demandPublishable } from '../../src/federation/drafting/publication.ts';
import type { JsonValue } from '../../src/core/canonical.ts';
import { endorseLedgerKey } from '../../src/federation/registry/key-change.ts';
import { createLedgerKey } from '../../src/ledger/notes/note.ts';
import { ALLIANCE, testAlliance, verified } from './alliance.ts';

const HOUR = 3_600_000;

describe('publication of a draft', () => {
  it('comes within half a day where a ledger key changes, or the old key’s entries would be a stranger’s', async () => {
    const alliance = await testAlliance();
    const previous = await verified(alliance);
    const issuedAt = new Date();
    const [member, ...others] = alliance.body.members;
    const { origin } = member!.ledger;
    const { vkey } = createLedgerKey(origin);
    const by = alliance.members.a.seal.signing;
    const endorsement = await endorseLedgerKey({ alliance: ALLIANCE, member: member!.id, vkey }, by);
    const members = [{ ...member!, ledger: { origin, vkey, endorsement } }, ...others];
    const signed = async (change: Parameters<typeof nextRegistry>[1]) => {
      const body = nextRegistry(previous, change, { now: issuedAt });
      const place = { previous, schemas: alliance.schemas };
      const draft = await readDraft(documentOf(body) as unknown as JsonValue, place);
      const [first, second] = alliance.operators;
      const once = await signDraft(draft, first!.signing, previous);
      return signDraft(once, second!.signing, previous);
    };
    const after = (hours: number) => new Date(issuedAt.getTime() + hours * HOUR);
    const rotation = await signed({ members });
    await demandPublishable(rotation, previous, after(11));
    const late = { code: 'registry.draft-conflict' };
    await assert.rejects(demandPublishable(rotation, previous, after(13)), late);
    const renewal = await signed({});
    await demandPublishable(renewal, previous, after(13));
    await assert.rejects(demandPublishable(renewal, previous, after(-1)), late);
    await assert.rejects(demandPublishable(renewal, previous, after(91 * 24)), late);
  });
});
