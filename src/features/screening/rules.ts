/** The rule table of screening, as data; docs/features.md prints it. It recommends, a person decides (PIPL 24). */

export type Outcome = 'pass' | 'review' | 'block';

export interface ScreeningRule {
  readonly code: string;
  readonly outcome: Exclude<Outcome, 'pass'>;
  /** Only for decisive types (type-weights.ts). */
  readonly decisive: boolean;
  /** After decay. */
  readonly minConfidence: number;
  /** Members that contributed the value. */
  readonly minMembers: number;
  /** `{type}`, `{confidence}` and `{members}` are filled in. */
  readonly zh: string;
  readonly en: string;
}

export const RULES_VERSION = 1;

/** The first rule that a match fits gives its reason; the gravest outcome of a subject's matches is its outcome. */
export const screeningRules: readonly ScreeningRule[] = [
  {
    code: 'strong-match',
    outcome: 'block',
    decisive: true,
    minConfidence: 80,
    minMembers: 1,
    zh: '{type}与共享特征一致,置信度{confidence},建议拦截并由人工复核',
    en: '{type} equals a shared feature of confidence {confidence}; block, and let a person decide',
  },
  {
    code: 'corroborated-match',
    outcome: 'block',
    decisive: true,
    minConfidence: 40,
    minMembers: 2,
    zh: '{type}由{members}家成员共同提供,置信度{confidence},建议拦截并由人工复核',
    en: '{type} was contributed by {members} members, confidence {confidence}; block, and let a person decide',
  },
  {
    code: 'match',
    outcome: 'review',
    decisive: false,
    minConfidence: 40,
    minMembers: 1,
    zh: '{type}与共享特征一致,置信度{confidence},建议人工复核',
    en: '{type} equals a shared feature of confidence {confidence}; let a person look',
  },
];
