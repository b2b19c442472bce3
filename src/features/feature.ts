/** A feature: as a member's own system gives it, and as it stands in signed bytes. */
import type { GroupId, MemberId } from '../core/ids.ts';
import type { Disclosure } from '../wire/disclosure.ts';
import type { FeatureType } from './feature-type.ts';

export const FEATURE_SCHEMA = 'urn:lianzheng:schema:feature:1.0.0';
export const BATCH_SCHEMA = 'urn:lianzheng:schema:feature-batch:1.0.0';
/** Kind of the envelope that carries a batch. */
export const BATCH_KIND = 'feature-batch';
/** Features in one envelope. */
export const BATCH_FEATURES = 1000;

export type Tlp = 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';

/** Aliases, not interfaces: signed bodies must be assignable to JsonObject. */
export type FeatureContext = {
  readonly offences?: readonly string[];
  readonly chain?: 'info' | 'fund' | 'tech' | 'person';
  readonly role?: string;
  readonly behaviour?: readonly string[];
  readonly campaign?: string;
};

/** What is said beside the value. */
export type FeatureDetail = {
  readonly context?: FeatureContext;
  readonly source?: string;
  readonly counterIndications?: string;
  readonly evidence?: readonly string[];
  readonly supersedes?: string;
};

/** Times are RFC 3339 UTC with milliseconds. */
export type FeatureFacts = FeatureDetail & {
  readonly confidence: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly tlp: Tlp;
  readonly grade: number;
};

/** schemas/feature.json: what the caller leaves out is filled in by read-feature.ts. */
export type FeatureLine = Partial<FeatureFacts> & { readonly type: string; readonly value: string };

/** schemas/feature-batch.json: `value` in normal form, or `commitment` when the type is personal. */
export type SignedFeature = FeatureFacts & {
  readonly id: string;
  readonly type: FeatureType;
  readonly value?: string;
  readonly commitment?: string;
};

/** One feature of a batch with what is kept beside the signed bytes. */
export interface BatchItem {
  readonly signed: SignedFeature;
  /** Of (type, value), hex: see lookup.ts. Absent when the value was erased before it came. */
  readonly lookup?: string;
  /** JSON of the members of FeatureDetail that are given: shown, never searched. '' when there are none. */
  readonly detail: string;
  /** Present exactly when the type is personal and the value was not erased. */
  readonly disclosure?: Disclosure;
}

export function detailOf({
  context,
  source,
  counterIndications,
  evidence,
  supersedes,
}: FeatureDetail): string {
  const detail = JSON.stringify({ context, source, counterIndications, evidence, supersedes });
  return detail === '{}' ? '' : detail;
}

/** A batch as both sides store it. */
export interface FeatureBatch {
  /** Of the envelope. */
  readonly id: string;
  readonly issuer: MemberId;
  readonly group: GroupId;
  readonly purpose: string;
  readonly createdAt: string;
  readonly receivedAt: Date;
  readonly ledgerKey: Buffer;
  /** By which a peer gave it; missing for our own. */
  readonly grant?: string;
  readonly items: readonly BatchItem[];
}

/** While one is being made. */
export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
