/** One batch of our own: one transaction, and durable before anybody hears of it. */
import { randomBytes } from 'node:crypto';
import { sha256Hex, sm3Hex } from '../../core/digest.ts';
import { failpoint } from '../../core/failpoint.ts';
import { newId } from '../../core/ids.ts';
import type { Permit } from '../../federation/grants.ts';
import { countAct } from '../../federation/grants/quota-store.ts';
import type { EntryDraft, EntryRef, EntrySubject } from '../../ledger/entry.ts';
import type { Queryable } from '../../storage/database.ts';
import { commitmentRoot, type CommitmentRoot } from '../commitments.ts';
import type { FeatureDeps } from '../deps.ts';
import { insertBatch, type Stored } from '../feature-store.ts';
import type { SealedBatch } from './seal-batch.ts';

export interface StoredBatch extends Stored {
  readonly receipt: EntryRef;
}

/**
 * Features, disclosures, ledger intake and outbox rows commit together. If we crash after the commit, the sequencer
 * still finds the intake row, so the batch becomes durable and is delivered; only the caller does not learn it.
 */
export async function storeBatch(deps: FeatureDeps, batch: SealedBatch, actor: string): Promise<StoredBatch> {
  const { content, sealed, recipients, personal } = batch;
  const ledgerKey = randomBytes(32);
  const root = commitmentRoot(batch.items.flatMap(({ signed }) => signed.commitment ?? []));
  const commitments = root === undefined ? {} : { commitments: root };
  const stored = await deps.database.transaction(async (tx) => {
    const grant = await countedUnder(deps, tx, batch.permit);
    const rows = await insertBatch(tx, {
      id: content.id,
      issuer: content.issuer,
      group: content.group,
      purpose: content.purpose,
      createdAt: content.createdAt,
      receivedAt: deps.clock(),
      ledgerKey,
      items: batch.items,
    });
    await deps.ledger.append(tx, pushedEntry(batch, { actor, grant, root }), ledgerKey);
    await deps.enqueue(tx, { sealed, content, recipients, personal, pushedKey: ledgerKey, ...commitments });
    failpoint('push-in-tx');
    return rows;
  });

  failpoint('push-after-commit');
  const { origin, index, leaf, size, root: logRoot } = await deps.ledger.settle(ledgerKey);
  deps.kickDelivery();
  return { ...stored, receipt: { origin, index, leaf, size, root: logRoot } };
}

/** One batch is one act, however many members get it. */
async function countedUnder(deps: FeatureDeps, tx: Queryable, { grant, quotas }: Permit): Promise<string> {
  return quotas === undefined ? grant : countAct(tx, { member: deps.member, quotas, now: deps.clock() });
}

interface Pushed {
  readonly actor: string;
  readonly grant: string;
  readonly root: CommitmentRoot | undefined;
}

function pushedEntry(batch: SealedBatch, { actor, grant, root }: Pushed): EntryDraft {
  const { content } = batch;
  return {
    id: newId(),
    at: content.createdAt,
    kind: 'features.pushed',
    member: content.issuer,
    group: content.group,
    purpose: content.purpose,
    basis: content.legalBasis,
    grant,
    registry: content.registry,
    subject: subjectOf(batch),
    actor,
    ...(root === undefined ? {} : { commitments: root }),
  };
}

/** Entries about personal bodies name no digest of the body (exchange-profile.md, envelope). */
function subjectOf({ content, sealed, personal }: SealedBatch): EntrySubject {
  const subject = { type: 'feature-batch', id: content.id };
  if (personal) return subject;
  const payload = Buffer.from(sealed.payload, 'base64url');
  return { ...subject, sha256: sha256Hex(payload), sm3: sm3Hex(payload), size: payload.length };
}
