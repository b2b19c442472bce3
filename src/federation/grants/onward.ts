/** The onward rule: may what one member gave to another go on to a third? */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { Grant, RegistryGroup } from '../registry/registry-types.ts';
import type { RegistryView } from '../registry/registry-view.ts';

export type OnwardRule = Grant['onward'];
export type OnwardCondition =
  | 'onward-none'
  | 'onward-purpose'
  | 'onward-compartment'
  | 'onward-approval'
  | 'onward-approval-other'
  | 'onward-approval-expired'
  | 'onward-approval-revoked';

/** What the member that gave it has signed: this holder may give it to this member, in this group, for this purpose. */
export interface OnwardApproval {
  readonly issuer: MemberId;
  readonly holder: MemberId;
  readonly to: MemberId;
  readonly group: GroupId;
  readonly purpose: string;
  readonly notAfter: Date;
  readonly revoked: boolean;
}

/** One thing of what is about to leave that came from another member, and how it came. */
export interface ReceivedContent {
  readonly from: MemberId;
  readonly group: GroupId;
  /** The grant by which its sender gave it. */
  readonly grant: string;
  readonly purpose: string;
  /** What its sender wrote into it beside the grant's rule; both must be kept. */
  readonly declared?: OnwardRule;
  /** Of this very content, signatures verified. Default none. */
  readonly approvals?: readonly OnwardApproval[];
}

interface Leaving {
  readonly member: MemberId;
  /** Who gets it; without it no approval fits. */
  readonly to?: MemberId;
  readonly purpose: string;
  readonly received?: readonly ReceivedContent[];
}

/**
 * The rule is that of the current registry: operators that tighten a grant tighten it for what was given before. A
 * grant that is gone leaves nobody who says yes: `none`.
 */
export function unmetOnward(
  leaving: Leaving,
  group: RegistryGroup,
  registry: RegistryView,
  now: Date,
): OnwardCondition | undefined {
  for (const content of leaving.received ?? []) {
    const granted = registry.grantsOf(content.group).find(({ id }) => id === content.grant)?.onward ?? 'none';
    const source = registry.group(content.group)?.compartment;
    for (const rule of new Set([granted, content.declared ?? granted])) {
      const unmet =
        rule === 'approval'
          ? unmetApproval(content, leaving, { group: group.id, now })
          : unmetRule(rule, content.purpose === leaving.purpose, source === group.compartment);
      if (unmet !== undefined) return unmet;
    }
  }
  return undefined;
}

/** The one that comes nearest tells why. */
function unmetApproval(
  { from, approvals = [] }: ReceivedContent,
  { member, to, purpose }: Leaving,
  { group, now }: { readonly group: GroupId; readonly now: Date },
): OnwardCondition | undefined {
  const ours = approvals.filter(({ issuer, holder }) => issuer === from && holder === member);
  if (ours.length === 0) return 'onward-approval';
  const fitting = ours.filter((one) => one.to === to && one.group === group && one.purpose === purpose);
  if (fitting.length === 0) return 'onward-approval-other';
  const standing = fitting.filter(({ revoked }) => !revoked);
  if (standing.length === 0) return 'onward-approval-revoked';
  return standing.some(({ notAfter }) => now <= notAfter) ? undefined : 'onward-approval-expired';
}

function unmetRule(
  rule: Exclude<OnwardRule, 'approval'>,
  samePurpose: boolean,
  sameCompartment: boolean,
): OnwardCondition | undefined {
  if (rule === 'none') return 'onward-none';
  if (!samePurpose) return 'onward-purpose';
  return sameCompartment ? undefined : 'onward-compartment';
}
