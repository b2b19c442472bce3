/** An order to erase: whom it names, why, and on which legal basis. Values stay in memory and out of every message. */
import { GatewayError } from '../../core/errors.ts';
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { FeatureDeps } from '../deps.ts';
import { isPersonal, normaliseValue, type FeatureType } from '../feature-type.ts';
import { lookupOf } from '../lookup.ts';
import { findFeatures } from './subject-store.ts';

/** 个人信息保护法 47 (1)–(5), and 46 for what was wrong. A code, because free text would name people. */
export type ErasureReason =
  'purpose-ended' | 'retention-ended' | 'consent-withdrawn' | 'unlawful' | 'incorrect' | 'other';

/** The subject by its value, or by any feature that has it. */
export interface SubjectNamed {
  readonly type?: string;
  readonly value?: string;
  readonly featureId?: string;
  /** Whose feature it is; needed only when two members use one id. */
  readonly member?: MemberId;
}

export interface ErasureOrder extends SubjectNamed {
  /** UUIDv7 of the caller's, the same for every retry. */
  readonly id?: string;
  readonly reason: ErasureReason;
  readonly legalBasis: readonly string[];
  readonly actor: string;
}

export interface ErasureSubject {
  readonly type: FeatureType;
  /** Hex; missing when the feature was erased before. */
  readonly lookup?: string;
}

/** Throws erasure.subject-invalid, erasure.not-personal, feature.type-unknown, feature.invalid, feature.not-found. */
export async function subjectOf(
  deps: Pick<FeatureDeps, 'database' | 'indexKey'>,
  { type, value, featureId, member }: SubjectNamed,
): Promise<ErasureSubject> {
  const byValue = type !== undefined && value !== undefined;
  const alone = featureId === undefined ? member === undefined : type === undefined && value === undefined;
  if (byValue === (featureId !== undefined) || !alone) {
    throw new GatewayError('erasure.subject-invalid', 'give type and value, or featureId');
  }
  if (featureId !== undefined) return subjectOfFeature(deps.database, featureId, member);
  return subjectOfValue(deps.indexKey, type ?? '', value ?? '');
}

function subjectOfValue(indexKey: Buffer, type: string, value: string): ErasureSubject {
  const normal = normaliseValue(type, value);
  return { type: demandPersonal(type), lookup: lookupOf(indexKey, type, normal) };
}

/** A feature of a group that is closed to us was never stored here, so it is not found either. */
async function subjectOfFeature(
  database: Queryable,
  featureId: string,
  member: MemberId | undefined,
): Promise<ErasureSubject> {
  const found = await findFeatures(database, featureId, member);
  const [first, second] = found;
  if (first === undefined)
    throw new GatewayError('feature.not-found', `no feature ${featureId} is held here`);
  if (second !== undefined) {
    const facts = { members: found.map((feature) => feature.member) };
    throw new GatewayError('erasure.subject-invalid', 'several members use this id; give member', { facts });
  }
  const type = demandPersonal(first.type);
  return first.lookup === null ? { type } : { type, lookup: first.lookup };
}

/** Values of other types stand in signed bytes, which nobody can change. */
function demandPersonal(type: string): FeatureType {
  if (isPersonal(type)) return type as FeatureType;
  throw new GatewayError('erasure.not-personal', `values of type ${type} stand in signed batches`);
}
