/** decide(): may this member do this here? Default deny; a permit names its grant, a refusal the first unmet condition. */
import type { ErrorCode } from '../core/error-table.ts';
import { GatewayError } from '../core/errors.ts';
import {
  grantConditions,
  limitOf,
  unmetInGroup,
  type Condition,
  type GrantRequest,
  type Question,
} from './grants/conditions.ts';
import type { Grant } from './registry/registry-types.ts';
import type { RegistryView } from './registry/registry-view.ts';

export type { Condition, GrantRequest } from './grants/conditions.ts';
export type { Right } from './registry/registry-types.ts';

export interface QuotaOfGrant {
  readonly grant: string;
  /** Acts of one member in one UTC day. */
  readonly perDay: number;
}

export interface Permit {
  readonly permit: true;
  readonly grant: string;
  /** Every grant that permits this, when each has a quota: the act counts under the first that is not used up. */
  readonly quotas?: readonly QuotaOfGrant[];
}

export interface Refusal {
  readonly permit: false;
  readonly code: Extract<ErrorCode, `grant.${string}`>;
  readonly unmet: Condition;
  /** The grant that came nearest, when any was tried. */
  readonly grant?: string;
}

export type Decision = Permit | Refusal;

const NOTHING_USED: ReadonlyMap<string, number> = new Map();

/**
 * Pure. `used` are the acts counted today by grant: without them a permit may still meet a quota that is used up when
 * the act is counted (quota-store.ts), which is the only exact place.
 */
export function decide(
  request: GrantRequest,
  registry: RegistryView,
  now: Date,
  used: ReadonlyMap<string, number> = NOTHING_USED,
): Decision {
  const member = registry.member(request.member);
  if (member?.status !== 'active') return refuse('member-active');

  // A group one may not see answers exactly like one that does not exist.
  const group = registry.group(request.group);
  if (group === undefined || !registry.inGroup(group.id, member.id)) return refuse('group-member');

  const question = { request, member, group, now, used };
  const unmet = unmetInGroup(question, registry);
  return unmet === undefined ? firstPermitting(registry.grantsOf(group.id), question) : refuse(unmet);
}

/** The refusal as an error; `what` says what was asked, for people. */
export function refusalError({ code, unmet, grant }: Refusal, what?: string): GatewayError {
  const near = grant === undefined ? '' : ` of grant ${grant}`;
  const message = `${what === undefined ? '' : `${what}: `}unmet condition${near}: ${unmet}`;
  return new GatewayError(code, message, { facts: { unmet, ...(grant === undefined ? {} : { grant }) } });
}

/** A grant without a quota goes first: where one permits, nothing is counted. */
function firstPermitting(grants: readonly Grant[], question: Question): Decision {
  let nearest: { readonly met: number; readonly grant: string } | undefined;
  const counted: QuotaOfGrant[] = [];
  for (const grant of grants) {
    const met = conditionsMet(grant, question);
    if (met === grantConditions.length) {
      const perDay = limitOf(grant, question.request);
      if (perDay === Number.POSITIVE_INFINITY) return { permit: true, grant: grant.id };
      counted.push({ grant: grant.id, perDay });
    } else if (nearest === undefined || met > nearest.met) nearest = { met, grant: grant.id };
  }
  const [first] = counted;
  if (first !== undefined) return { permit: true, grant: first.grant, quotas: counted };
  if (nearest === undefined) return refuse('granted');
  return { ...refuse(grantConditions[nearest.met]?.[0] ?? 'granted'), grant: nearest.grant };
}

function conditionsMet(grant: Grant, question: Question): number {
  const unmet = grantConditions.findIndex(([, holds]) => !holds(grant, question));
  return unmet === -1 ? grantConditions.length : unmet;
}

const codes: Partial<Record<Condition, Refusal['code']>> = {
  'personal-in-alliance': 'grant.personal-in-alliance',
  'onward-none': 'grant.onward-refused',
  'onward-purpose': 'grant.onward-refused',
  'onward-compartment': 'grant.onward-refused',
  'onward-approval': 'grant.onward-approval-missing',
  'onward-approval-other': 'grant.onward-approval-mismatch',
  'onward-approval-expired': 'grant.onward-approval-expired',
  'onward-approval-revoked': 'grant.onward-approval-revoked',
  quota: 'grant.quota-exceeded',
};

function refuse(unmet: Condition): Refusal {
  return { permit: false, code: codes[unmet] ?? 'grant.refused', unmet };
}
