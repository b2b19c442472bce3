/** The onward rule: may what one member gave to another go on to a third? */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { Grant, RegistryGroup } from '../registry-types.ts';
import type { RegistryView } from '../registry-view.ts';

export type OnwardRule = Grant['onward'];
export type OnwardCondition = 'onward-none' | 'onward-purpose' | 'onward-compartment' | 'onward-approval';

/** One thing of what is about to leave that came from another member, and how it came. */
export interface ReceivedContent {
  readonly from: MemberId;
  readonly group: GroupId;
  /** The grant by which its sender gave it. */
  readonly grant: string;
  readonly purpose: string;
  /** What its sender wrote into it beside the grant's rule; both must be kept. */
  readonly declared?: OnwardRule;
}

interface Leaving {
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
): OnwardCondition | undefined {
  for (const content of leaving.received ?? []) {
    const granted = registry.grantsOf(content.group).find(({ id }) => id === content.grant)?.onward ?? 'none';
    const source = registry.group(content.group)?.compartment;
    for (const rule of new Set([granted, content.declared ?? granted])) {
      const unmet = unmetRule(rule, content.purpose === leaving.purpose, source === group.compartment);
      if (unmet !== undefined) return unmet;
    }
  }
  return undefined;
}

/** No form of approval is defined yet, so none can be on record (docs/grants.md). */
function unmetRule(
  rule: OnwardRule,
  samePurpose: boolean,
  sameCompartment: boolean,
): OnwardCondition | undefined {
  if (rule === 'none') return 'onward-none';
  if (rule === 'approval') return 'onward-approval';
  if (!samePurpose) return 'onward-purpose';
  return sameCompartment ? undefined : 'onward-compartment';
}
