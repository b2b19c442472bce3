/** Which groups' features a screening may use. */
import { GatewayError } from '../../core/errors.ts';
import { decide, type Permit } from '../../federation/grants.ts';
import type { FeatureDeps } from '../deps.ts';

/** Kind that grants name for screening. */
export const SCREENING_KIND = 'screening';

export interface GroupPermit {
  readonly group: string;
  readonly grant: string;
  readonly legalBasis: readonly string[];
  readonly quotas?: NonNullable<Permit['quotas']>;
}

export interface GroupQuestion {
  readonly group?: string;
  readonly purpose: string;
  /** Absent: those of the grant that permits. */
  readonly legalBasis?: readonly string[];
}

type GroupDeps = Pick<FeatureDeps, 'registry' | 'member' | 'clock'>;

/** One group, or all that permit it when none is named. Throws grant.refused when there is none. */
export function permittedGroups(deps: GroupDeps, question: GroupQuestion): readonly GroupPermit[] {
  const { groups } = deps.registry.current().body;
  const asked = question.group === undefined ? groups.map(({ id }) => id) : [question.group];
  const permits: GroupPermit[] = [];
  let unmet = 'granted';
  for (const group of asked) {
    const answer = permitOf(deps, question, group);
    if (typeof answer === 'string') unmet = answer;
    else permits.push(answer);
  }
  if (permits.length > 0) return permits;
  // Which of several groups came nearest would tell about groups that the caller did not name.
  const facts = { unmet: asked.length === 1 ? unmet : 'granted' };
  throw new GatewayError('grant.refused', `no group permits this screening: ${facts.unmet}`, { facts });
}

/** The permit, or the unmet condition. */
function permitOf(deps: GroupDeps, question: GroupQuestion, group: string): GroupPermit | string {
  const { purpose, legalBasis } = question;
  const view = deps.registry.current();
  const bases =
    legalBasis === undefined ? view.grantsOf(group).map((grant) => grant.legalBases) : [legalBasis];
  // Nothing personal travels: the answer comes from this gateway's own replica.
  const request = { member: deps.member, right: 'screen', kind: SCREENING_KIND, personal: false } as const;
  let unmet = 'granted';
  for (const basis of bases) {
    const decision = decide({ ...request, group, purpose, legalBasis: basis }, view, deps.clock());
    if (decision.permit) {
      const { grant, quotas } = decision;
      return { group, grant, legalBasis: basis, ...(quotas === undefined ? {} : { quotas }) };
    }
    unmet = decision.unmet;
  }
  return unmet;
}
