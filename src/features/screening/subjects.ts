/** The subjects of a screening, read into the values they are looked up by. */
import { canonicalJson } from '../../core/canonical.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import { newDisclosure, commit } from '../../wire/disclosure.ts';
import { normaliseValue, type FeatureType } from '../feature-type.ts';
import { lookupOf } from '../lookup.ts';
import type { AskedValue } from './screening-store.ts';

export interface Subject {
  /** The caller's own name for the subject; kept so that the decision can be found again. */
  readonly ref: string;
  readonly features: readonly { readonly type: string; readonly value: string }[];
}

export interface AskedSubject {
  readonly ref: string;
  readonly values: readonly AskedValue[];
  /** Opens the commitment, base64url. */
  readonly salt: string;
  /** Over the canonical JSON of ref and features in normal form, hex. */
  readonly commitment: string;
}

const SUBJECTS = 1000;
const FEATURES = 64;

/** Throws screening.invalid with facts {subject, feature}: places, never values. */
export function readSubjects(subjects: readonly Subject[], indexKey: Buffer): readonly AskedSubject[] {
  if (subjects.length === 0 || subjects.length > SUBJECTS) {
    throw new GatewayError('screening.invalid', `a screening has 1 to ${SUBJECTS} subjects`);
  }
  return subjects.map((subject, at) => readSubject(subject, at, indexKey));
}

function readSubject(subject: Subject, at: number, indexKey: Buffer): AskedSubject {
  const { ref } = subject;
  if (subject.features.length === 0 || subject.features.length > FEATURES) {
    throw invalid(`subject ${at + 1} must have 1 to ${FEATURES} features`, { subject: at });
  }
  const features = subject.features.map(({ type, value }, place) => ({
    type: type as FeatureType,
    value: normalOf(type, value, { subject: at, feature: place }),
  }));
  const disclosure = newDisclosure(canonicalJson({ ref, features }));
  return {
    ref,
    values: features.map(({ type, value }) => ({ type, lookup: lookupOf(indexKey, type, value) })),
    salt: disclosure.salt,
    commitment: commit(disclosure),
  };
}

interface Place {
  readonly subject: number;
  readonly feature?: number;
}

function normalOf(type: string, value: string, place: Place): string {
  try {
    return normaliseValue(type, value);
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    throw invalid(`subject ${place.subject + 1}: ${error.message}`, place);
  }
}

function invalid(message: string, place: Place): GatewayError {
  return new GatewayError('screening.invalid', message, { facts: { ...place } });
}
