/** decide(): may this member do this here? Default deny; a permit names its grant, a refusal the first unmet condition. */
import type { GroupId, MemberId } from '../core/ids.ts';
import type { Grant, RegistryGroup, RegistryMember, Right } from './registry-types.ts';
import type { RegistryView } from './registry-view.ts';

export type { Right } from './registry-types.ts';

export interface GrantRequest {
  readonly member: MemberId;
  readonly right: Right;
  readonly group: GroupId;
  readonly kind: string;
  readonly purpose: string;
  readonly legalBasis: readonly string[];
  /** Whether personal values travel in clear (as disclosures count). */
  readonly personal: boolean;
  readonly grade?: number;
}

export type Decision =
  | { readonly permit: true; readonly grant: string }
  | {
      readonly permit: false;
      readonly code: 'grant.refused' | 'grant.personal-in-alliance';
      readonly unmet: Condition;
      /** The grant that came nearest, when any was tried. */
      readonly grant?: string;
    };

/** Conditions in the order they are asked. */
export type Condition =
  | 'member-active'
  | 'group-member'
  | 'personal-in-alliance'
  | 'aml-purpose'
  | 'granted'
  | 'who'
  | 'right'
  | 'kind'
  | 'purpose'
  | 'legal-basis'
  | 'grade'
  | 'compartment'
  | 'not-after';

/** Purposes of anti-money-laundering work carry this prefix; nothing else may touch an AML group (反洗钱法 7). */
const AML_PURPOSE = /^AML(_|-|$)/;

export function decide(request: GrantRequest, registry: RegistryView, now: Date): Decision {
  const member = registry.member(request.member);
  if (member?.status !== 'active') return refuse('member-active');

  // A group one may not see answers exactly like one that does not exist.
  const group = registry.group(request.group);
  if (group === undefined || !registry.inGroup(group.id, member.id)) return refuse('group-member');

  // No grant can permit this: 个人信息保护法 13 and 23 ask more than commerce among competitors has.
  if (request.personal && group.compartment === 'ALLIANCE') {
    return { permit: false, code: 'grant.personal-in-alliance', unmet: 'personal-in-alliance' };
  }
  if (group.compartment === 'AML' && !AML_PURPOSE.test(request.purpose)) return refuse('aml-purpose');

  return firstPermitting(registry.grantsOf(group.id), { request, member, group, now });
}

interface Question {
  readonly request: GrantRequest;
  readonly member: RegistryMember;
  readonly group: RegistryGroup;
  readonly now: Date;
}

const conditions: readonly (readonly [Condition, (grant: Grant, question: Question) => boolean])[] = [
  ['who', (grant, { member }) => isFor(grant, member)],
  ['right', (grant, { request }) => grant.may.includes(request.right)],
  ['kind', (grant, { request }) => grant.kinds.includes(request.kind)],
  ['purpose', (grant, { request }) => grant.purposes.includes(request.purpose)],
  ['legal-basis', (grant, { request }) => isBasedOn(grant, request.legalBasis)],
  ['grade', (grant, { request }) => (request.grade ?? 0) <= grant.maxGrade],
  ['compartment', (grant, { group }) => (grant.compartment ?? group.compartment) === group.compartment],
  ['not-after', (grant, { now }) => now.getTime() <= Date.parse(grant.notAfter)],
];

function firstPermitting(grants: readonly Grant[], question: Question): Decision {
  let nearest: { readonly met: number; readonly grant: string } | undefined;
  for (const grant of grants) {
    const met = conditionsMet(grant, question);
    if (met === conditions.length) return { permit: true, grant: grant.id };
    if (nearest === undefined || met > nearest.met) nearest = { met, grant: grant.id };
  }
  if (nearest === undefined) return refuse('granted');
  const unmet = conditions[nearest.met]?.[0] ?? 'granted';
  return { ...refuse(unmet), grant: nearest.grant };
}

function conditionsMet(grant: Grant, question: Question): number {
  const unmet = conditions.findIndex(([, holds]) => !holds(grant, question));
  return unmet === -1 ? conditions.length : unmet;
}

function isFor(grant: Grant, member: RegistryMember): boolean {
  const { members = [], roles = [] } = grant.who;
  return members.includes(member.id) || member.roles.some((role) => roles.includes(role));
}

/** Every basis that is claimed must be granted, and at least one must be claimed. */
function isBasedOn(grant: Grant, legalBasis: readonly string[]): boolean {
  return legalBasis.length > 0 && legalBasis.every((basis) => grant.legalBases.includes(basis));
}

function refuse(unmet: Condition): Extract<Decision, { permit: false }> {
  return { permit: false, code: 'grant.refused', unmet };
}
