/** Every condition of a permit, in the order it is asked; decide() and explain() read the same lists. */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { Grant, RegistryGroup, RegistryMember, Right } from '../registry/registry-types.ts';
import type { RegistryView } from '../registry/registry-view.ts';
import { unmetOnward, type OnwardCondition, type ReceivedContent } from './onward.ts';

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
  /** Who gets it, where the content decides about that. */
  readonly to?: MemberId;
  /** What of the content came from other members. Default nothing. */
  readonly received?: readonly ReceivedContent[];
}

export type GeneralCondition =
  'member-active' | 'group-member' | 'personal-in-alliance' | 'aml-purpose' | OnwardCondition;

export type GrantCondition =
  'who' | 'right' | 'kind' | 'purpose' | 'legal-basis' | 'grade' | 'compartment' | 'not-after' | 'quota';

/** `granted`: no grant of the group was there to be tried. */
export type Condition = GeneralCondition | 'granted' | GrantCondition;

/** A member and a group that may see each other. */
export interface Question {
  readonly request: GrantRequest;
  readonly member: RegistryMember;
  readonly group: RegistryGroup;
  readonly now: Date;
  /** Acts counted today under each grant, by its id. */
  readonly used: ReadonlyMap<string, number>;
}

/** Purposes of anti-money-laundering work carry this prefix; nothing else may touch an AML group (反洗钱法 7). */
const AML_PURPOSE = /^AML(_|-|$)/;

/** Kinds by which a member does its duty: to erase (PIPL 47), to give a receipt (Order 310 art. 7). No quota stops them. */
const DUTIES: ReadonlySet<string> = new Set(['erasure', 'packet-receipt']);

/** What no grant can permit. */
export const groupConditions: readonly (readonly [GeneralCondition, (question: Question) => boolean])[] = [
  // 个人信息保护法 13 and 23 ask more than commerce among competitors has.
  ['personal-in-alliance', ({ request, group }) => !(request.personal && group.compartment === 'ALLIANCE')],
  ['aml-purpose', ({ request, group }) => group.compartment !== 'AML' || AML_PURPOSE.test(request.purpose)],
];

/** Undefined: everything that is asked before the grants is met. */
export function unmetInGroup(question: Question, registry: RegistryView): GeneralCondition | undefined {
  const unmet = groupConditions.find(([, holds]) => !holds(question));
  return unmet?.[0] ?? unmetOnward(question.request, question.group, registry, question.now);
}

export const grantConditions: readonly (readonly [
  GrantCondition,
  (grant: Grant, question: Question) => boolean,
])[] = [
  ['who', (grant, { member }) => isFor(grant, member)],
  ['right', (grant, { request }) => grant.may.includes(request.right)],
  ['kind', (grant, { request }) => grant.kinds.includes(request.kind)],
  ['purpose', (grant, { request }) => grant.purposes.includes(request.purpose)],
  ['legal-basis', (grant, { request }) => isBasedOn(grant, request.legalBasis)],
  ['grade', (grant, { request }) => (request.grade ?? 0) <= grant.maxGrade],
  ['compartment', (grant, { group }) => (grant.compartment ?? group.compartment) === group.compartment],
  ['not-after', (grant, { now }) => now.getTime() <= Date.parse(grant.notAfter)],
  ['quota', (grant, { request, used }) => (used.get(grant.id) ?? 0) < limitOf(grant, request)],
];

/** Acts a day; Infinity without a quota, and for duties. */
export function limitOf(grant: Grant, request: Pick<GrantRequest, 'kind'>): number {
  if (grant.quota === undefined || DUTIES.has(request.kind)) return Number.POSITIVE_INFINITY;
  return grant.quota.perDay;
}

function isFor(grant: Grant, member: RegistryMember): boolean {
  const { members = [], roles = [] } = grant.who;
  return members.includes(member.id) || member.roles.some((role) => roles.includes(role));
}

/** Every basis that is claimed must be granted, and at least one must be claimed. */
function isBasedOn(grant: Grant, legalBasis: readonly string[]): boolean {
  return legalBasis.length > 0 && legalBasis.every((basis) => grant.legalBases.includes(basis));
}
