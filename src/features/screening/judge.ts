/** Pure: what the matches of one subject amount to, by the rule table. */
import type { MemberId } from '../../core/ids.ts';
import type { FeatureType } from '../feature-type.ts';
import { screeningRules, type Outcome, type ScreeningRule } from './rules.ts';
import { typeWeights } from './type-weights.ts';

/** One member's statement that the value belongs to fraud. */
export interface Contribution {
  readonly member: MemberId;
  readonly confidence: number;
  readonly lastSeen: Date;
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
}

/** A feature of one group that equals a value of the subject. */
export interface Match {
  readonly id: string;
  /** Who pushed the feature first. */
  readonly member: MemberId;
  readonly type: FeatureType;
  readonly contributions: readonly Contribution[];
  /** There are more sightings than were read: the newest ones stand for all. */
  readonly capped: boolean;
}

export interface Reason {
  readonly code: string;
  readonly outcome: Outcome;
  readonly type: FeatureType;
  readonly featureId: string;
  /** After decay. */
  readonly confidence: number;
  readonly members: number;
  /** The value has more sightings than were counted. */
  readonly capped?: true;
  readonly zh: string;
  readonly en: string;
}

export interface Judgement {
  readonly outcome: Outcome;
  readonly reasons: readonly Reason[];
  /** Matches that gave a reason. */
  readonly used: readonly Match[];
  readonly members: number;
  readonly confidence: number;
}

const DAY_MS = 86_400_000;

export function judge(matches: readonly Match[], now: Date): Judgement {
  const found = matches.flatMap((match) => weigh(match, now) ?? []).sort(gravestFirst);
  const reasons = found.map(({ reason }) => reason);
  return {
    outcome: gravest(reasons),
    reasons,
    used: found.map(({ match }) => match),
    members: new Set(found.flatMap(({ members }) => [...members])).size,
    confidence: Math.max(0, ...reasons.map((reason) => reason.confidence)),
  };
}

/** The strongest statement, aged since the value was last seen by anybody: a sighting stops the decay for all. */
export function confidenceNow(type: FeatureType, live: readonly Contribution[], now: Date): number {
  const stated = Math.max(0, ...live.map((contribution) => contribution.confidence));
  const seen = Math.max(...live.map((contribution) => contribution.lastSeen.getTime()));
  const age = Math.max(0, now.getTime() - seen) / DAY_MS;
  return Math.round(stated * 2 ** (-age / typeWeights[type].halfLifeDays));
}

interface Weighed {
  readonly match: Match;
  readonly reason: Reason;
  readonly members: ReadonlySet<MemberId>;
}

function weigh(match: Match, now: Date): Weighed | undefined {
  const live = match.contributions.filter((contribution) => isLive(contribution, now));
  if (live.length === 0) return undefined;
  const members = new Set(live.map((contribution) => contribution.member));
  const confidence = confidenceNow(match.type, live, now);
  const rule = screeningRules.find((candidate) => fits(candidate, match.type, confidence, members.size));
  if (rule === undefined) return undefined;
  return { match, members, reason: reasonOf(rule, match, { confidence, members: members.size }) };
}

function isLive({ validFrom, validUntil }: Contribution, now: Date): boolean {
  return (validFrom === null || validFrom <= now) && (validUntil === null || now < validUntil);
}

function fits(rule: ScreeningRule, type: FeatureType, confidence: number, members: number): boolean {
  if (rule.decisive && !typeWeights[type].decisive) return false;
  return confidence >= rule.minConfidence && members >= rule.minMembers;
}

function reasonOf(
  rule: ScreeningRule,
  { id, type, capped }: Match,
  counted: { readonly confidence: number; readonly members: number },
): Reason {
  const { confidence, members } = counted;
  const text = (template: string, name: string): string =>
    template
      .replace('{type}', name)
      .replace('{confidence}', String(confidence))
      .replace('{members}', String(members));
  const { zh, en } = typeWeights[type];
  return {
    code: rule.code,
    outcome: rule.outcome,
    type,
    featureId: id,
    confidence,
    members,
    ...(capped ? { capped } : {}),
    zh: text(rule.zh, zh),
    en: text(rule.en, en),
  };
}

function gravest(reasons: readonly Reason[]): Outcome {
  if (reasons.some((reason) => reason.outcome === 'block')) return 'block';
  return reasons.length > 0 ? 'review' : 'pass';
}

/** People read the first reason: it is one that decided. */
function gravestFirst(a: Weighed, b: Weighed): number {
  const blocks = Number(b.reason.outcome === 'block') - Number(a.reason.outcome === 'block');
  return blocks === 0 ? b.reason.confidence - a.reason.confidence : blocks;
}
