/** Push: features from a member's own system, checked, signed in batches, durable and on their way to the group. */
import { setImmediate as otherWork } from 'node:timers/promises';
import type { EntryRef } from '../ledger/entry.ts';
import type { FeatureDeps } from './deps.ts';
import { Intake, type PushInput, type RefusedLine } from './intake/intake.ts';
import { onwardCheck } from './intake/onward.ts';
import { Packer, type PackedBatch } from './intake/packer.ts';
import { pushPermit, type Sharing } from './intake/permits.ts';
import { Pipeline } from './intake/pipeline.ts';
import type { ReadFeature } from './intake/read-feature.ts';
import { sealBatch } from './intake/seal-batch.ts';
import { Spool } from './intake/spool.ts';
import { storeBatch, type StoredBatch } from './intake/store-batch.ts';

export interface PushRequest extends Sharing {
  readonly lines: PushInput;
  /** All or nothing: one bad line refuses every line. */
  readonly atomic?: boolean;
  readonly actor: string;
}

export interface PushReport {
  /** Features that were new to the group. */
  readonly accepted: number;
  /** Features that the group had: each is a sighting now. */
  readonly duplicates: number;
  /** The first 1,000. */
  readonly refused: readonly RefusedLine[];
  readonly refusedCount: number;
  readonly batches: number;
  /** Ledger position of each batch. */
  readonly receipts: readonly EntryRef[];
}

/** Features between two looks at other requests' work. */
const TURN = 250;

/**
 * Resolves when all that was accepted is durable, logged, visible to screening and queued for the group. Throws
 * grant.* before a line is read; with `atomic` also feature.invalid (facts: refused, refusedCount) before anything
 * is stored. When it throws later (ledger.unavailable, storage), batches before that stay: push again, what is there
 * already becomes a sighting.
 */
export async function pushFeatures(deps: FeatureDeps, request: PushRequest): Promise<PushReport> {
  const permit = pushPermit(deps, request);
  permit({ personal: false, grade: 1 });

  const intake = new Intake(deps, { permit, onward: onwardCheck(deps, request) });
  const features = intake.features(request.lines);
  if (request.atomic !== true) return store(deps, request, { intake, features });

  await using spool = await Spool.create();
  for await (const feature of features) if (intake.refusedCount === 0) await spool.write(feature);
  intake.demandNoneRefused();
  return await store(deps, request, { intake, features: spool.read() });
}

async function store(
  deps: FeatureDeps,
  request: PushRequest,
  { intake, features }: { readonly intake: Intake; readonly features: AsyncIterable<ReadFeature> },
): Promise<PushReport> {
  const pipeline = new Pipeline<PackedBatch, StoredBatch>(async (batch) =>
    storeBatch(deps, await sealBatch(deps, request, batch), request.actor),
  );
  try {
    for await (const batch of packed(deps, features)) await pipeline.put(batch);
    return reportOf(await pipeline.end(), intake);
  } finally {
    await pipeline.idle();
  }
}

async function* packed(deps: FeatureDeps, features: AsyncIterable<ReadFeature>): AsyncGenerator<PackedBatch> {
  const packer = new Packer(deps.indexKey);
  let turn = 0;
  for await (const feature of features) {
    const full = packer.add(feature);
    if (full !== undefined) yield full;
    if (++turn % TURN === 0) await otherWork();
  }
  const rest = packer.rest();
  if (rest !== undefined) yield rest;
}

function reportOf(stored: readonly StoredBatch[], intake: Intake): PushReport {
  return {
    accepted: stored.reduce((sum, batch) => sum + batch.added, 0),
    duplicates: stored.reduce((sum, batch) => sum + batch.sighted, 0),
    refused: intake.refused,
    refusedCount: intake.refusedCount,
    batches: stored.length,
    receipts: stored.map((batch) => batch.receipt),
  };
}
