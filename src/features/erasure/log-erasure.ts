/** The entry of an erasure: how many features, and the commitments that nobody can open any more. */
import { newId } from '../../core/ids.ts';
import type { EntryDraft } from '../../ledger/entry.ts';
import { commitmentRoot, type CommitmentRoot } from '../commitments.ts';
import type { FeatureDeps } from '../deps.ts';
import type { Destroyed } from './destroy-store.ts';
import type { ErasureRow } from './erasure-store.ts';

type EntryDeps = Pick<FeatureDeps, 'registry' | 'member'>;

/** `between` is what a peer's request adds: who, in which pair, answering which offer. */
export function erasedEntry(
  { registry, member }: EntryDeps,
  act: ErasureRow,
  { rows, between = {} }: { readonly rows: Destroyed['rows']; readonly between?: Partial<EntryDraft> },
): EntryDraft {
  const { serial, sha256 } = registry.current();
  const commitments = erasedCommitments(rows);
  return {
    id: newId(),
    at: act.madeAt.toISOString(),
    kind: 'subject.erased',
    member,
    basis: act.legalBasis,
    registry: { serial, sha256 },
    subject: { type: 'erasure', id: act.erasureId },
    count: act.features + act.sightings,
    actor: act.actor,
    ...(commitments === undefined ? {} : { commitments }),
    ...between,
  };
}

/** In ascending order, because the rows have none. */
function erasedCommitments(rows: Destroyed['rows']): CommitmentRoot | undefined {
  return commitmentRoot(rows.flatMap(({ commitment }) => commitment ?? []).sort());
}

export function countsOf({ rows, screenings }: Destroyed) {
  const sightings = rows.filter(({ sighting }) => sighting).length;
  return { features: rows.length - sightings, sightings, screenings };
}
