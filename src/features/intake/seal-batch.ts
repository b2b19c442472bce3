/** Makes a packed batch the signed envelope that is stored, logged and sent. */
import type { JsonObject } from '../../core/canonical.ts';
import { newId } from '../../core/ids.ts';
import type { Permit } from '../../federation/grants.ts';
import type { RegistryView } from '../../federation/registry/registry-view.ts';
import { sealEnvelope, type EnvelopeContent, type SealedEnvelope } from '../../wire/envelope.ts';
import type { FeatureDeps } from '../deps.ts';
import { BATCH_KIND, BATCH_SCHEMA } from '../feature.ts';
import type { PackedBatch } from './packer.ts';
import { pushPermit, type Sharing } from './permits.ts';

export interface SealedBatch extends PackedBatch {
  readonly content: EnvelopeContent;
  readonly sealed: SealedEnvelope;
  readonly permit: Permit;
  readonly recipients: string[];
}

export async function sealBatch(
  deps: FeatureDeps,
  sharing: Sharing,
  batch: PackedBatch,
): Promise<SealedBatch> {
  // Asked again for every batch: a long push outlives grants and registries.
  const permit = pushPermit(deps, sharing)(batch);
  const view = deps.registry.current();
  const body: JsonObject = { features: batch.items.map((item) => item.signed) };
  const content: EnvelopeContent = {
    id: newId(),
    kind: BATCH_KIND,
    version: 1,
    issuer: deps.member,
    group: sharing.group,
    createdAt: deps.clock().toISOString(),
    purpose: sharing.purpose,
    legalBasis: sharing.legalBasis,
    schema: { id: BATCH_SCHEMA, sha256: deps.schemas.digest(BATCH_SCHEMA) },
    registry: { serial: view.serial, sha256: view.sha256 },
    body,
  };
  const sealed = await sealEnvelope(content, deps.sealKey);
  return { ...batch, content, sealed, permit, recipients: recipientsOf(view, sharing.group, deps.member) };
}

/** Members that are suspended or gone get nothing; one that returns catches up from the group's feed. */
function recipientsOf(view: RegistryView, group: string, self: string): string[] {
  const members = view.group(group)?.members ?? [];
  return members.filter((member) => member !== self && view.active(member));
}
