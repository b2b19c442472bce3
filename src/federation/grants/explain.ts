/** explain(): why can, or can't, a member do this? The answer of decide(), and how each condition came out. */
import { decide, type Decision } from '../grants.ts';
import type { Grant } from '../registry/registry-types.ts';
import type { RegistryView } from '../registry/registry-view.ts';
import {
  grantConditions,
  groupConditions,
  limitOf,
  type Condition,
  type GrantRequest,
  type Question,
} from './conditions.ts';
import { opensAt } from './quota-day.ts';
import { generalWords, grantWords, membershipWords, memberWords, type Words } from './words.ts';

export interface JudgedCondition {
  readonly condition: Condition;
  readonly holds: boolean;
  readonly text: Words;
}

export interface GrantTerms {
  readonly onward: Grant['onward'];
  readonly notAfter: string;
  readonly maxGrade: number;
  /** Missing without a quota for this kind. */
  readonly quota?: { readonly perDay: number; readonly used: number };
}

export interface JudgedGrant extends GrantTerms {
  readonly grant: string;
  readonly permits: boolean;
  readonly conditions: readonly JudgedCondition[];
}

/** Without content in hand nothing is asked of the onward rule; the grant that permits says which it sets. */
export type ExplainQuestion = Omit<GrantRequest, 'grade' | 'received'> & { readonly grade: number };

/** As openapi.yaml has it. */
export interface Explanation {
  readonly permit: boolean;
  /** That permits; of a refusal the one that came nearest. */
  readonly grant?: string;
  /** Of a refusal. */
  readonly code?: string;
  readonly unmet?: Condition;
  /** Of the grant that permits: what its holder must keep to. */
  readonly demands?: GrantTerms;
  readonly question: ExplainQuestion;
  readonly member: { readonly id: string; readonly status: 'active' | 'suspended' | 'left' | 'unknown' };
  readonly registry: { readonly serial: number; readonly sha256: string };
  readonly at: string;
  /** When every count of a quota starts again. */
  readonly quotasOpenAt: string;
  readonly verdict: Words;
  readonly conditions: readonly JudgedCondition[];
  /** Of the group; empty when it does not exist or may not be seen. */
  readonly grants: readonly JudgedGrant[];
}

export interface Standing {
  readonly registry: RegistryView;
  readonly now: Date;
  /** Acts counted today by grant. */
  readonly used: ReadonlyMap<string, number>;
}

/** Pure. */
export function explain(request: ExplainQuestion, { registry, now, used }: Standing): Explanation {
  const decision = decide(request, registry, now, used);
  const member = registry.member(request.member);
  const group = registry.group(request.group);
  const question = member && group && { request, member, group, now, used };
  const status = member?.status ?? 'unknown';
  const grants =
    question === undefined ? [] : registry.grantsOf(question.group.id).map((grant) => judge(grant, question));
  const permitting = decision.permit ? grants.find(({ grant }) => grant === decision.grant) : undefined;
  const refusal = decision.permit ? {} : { code: decision.code, unmet: decision.unmet };
  return {
    permit: decision.permit,
    ...(decision.grant === undefined ? {} : { grant: decision.grant }),
    ...refusal,
    ...(permitting === undefined ? {} : { demands: termsIn(permitting) }),
    question: request,
    member: { id: request.member, status },
    registry: { serial: registry.serial, sha256: registry.sha256 },
    at: now.toISOString(),
    quotasOpenAt: opensAt(now).toISOString(),
    verdict: verdictOf(request, decision),
    conditions: generalConditions(request, { registry, status, question }),
    grants,
  };
}

interface Asked {
  readonly registry: RegistryView;
  readonly status: string;
  readonly question: Question | undefined;
}

function generalConditions(request: GrantRequest, { registry, status, question }: Asked): JudgedCondition[] {
  const isMember = question !== undefined && registry.inGroup(request.group, request.member);
  const ofGroup = (question === undefined ? [] : groupConditions).map(([condition, holds]) => ({
    condition,
    holds: holds(question as Question),
    text: generalWords(condition, question as Question),
  }));
  return [
    { condition: 'member-active', holds: status === 'active', text: memberWords(request.member, status) },
    { condition: 'group-member', holds: isMember, text: membershipWords(request, isMember) },
    ...ofGroup,
  ];
}

function judge(grant: Grant, question: Question): JudgedGrant {
  const conditions = grantConditions.map(([condition, holds]) => ({
    condition,
    holds: holds(grant, question),
    text: grantWords(condition, grant, question),
  }));
  const perDay = limitOf(grant, question.request);
  const used = question.used.get(grant.id) ?? 0;
  return {
    grant: grant.id,
    permits: conditions.every(({ holds }) => holds),
    onward: grant.onward,
    notAfter: grant.notAfter,
    maxGrade: grant.maxGrade,
    ...(perDay === Number.POSITIVE_INFINITY ? {} : { quota: { perDay, used } }),
    conditions,
  };
}

function termsIn({ onward, notAfter, maxGrade, quota }: JudgedGrant): GrantTerms {
  return { onward, notAfter, maxGrade, ...(quota === undefined ? {} : { quota }) };
}

function verdictOf({ member, right, group, kind }: GrantRequest, decision: Decision): Words {
  const act = `${right} ${kind} in ${group}`;
  if (decision.permit) {
    return {
      en: `${member} may ${act}, by grant ${decision.grant}`,
      zh: `${member} 可以(${act}),依据授权 ${decision.grant}`,
    };
  }
  const { unmet, grant } = decision;
  const near =
    grant === undefined ? ['', ''] : [` of grant ${grant}, which comes nearest`, `(最接近的授权 ${grant})`];
  return {
    en: `${member} may not ${act}: unmet condition ${unmet}${near[0]}`,
    zh: `${member} 不可以(${act}):未满足条件 ${unmet}${near[1]}`,
  };
}
