/** Keeps to the onward rule in a push: what one group gave goes into another only as the grant has it. */
import { GatewayError } from '../../core/errors.ts';
import { decide, refusalError } from '../../federation/grants.ts';
import { BATCH_KIND } from '../feature.ts';
import { isPersonal } from '../feature-type.ts';
import type { FeatureDeps } from '../deps.ts';
import { lookupOf } from '../lookup.ts';
import { knownFromOthers, type KnownFromOthers } from './onward-store.ts';
import type { Sharing } from './permits.ts';
import type { ReadFeature } from './read-feature.ts';

/** Why features may not be pushed, by their place; those that may are missing. */
export type OnwardCheck = (features: readonly ReadFeature[]) => Promise<ReadonlyMap<number, GatewayError>>;

type OnwardDeps = Pick<FeatureDeps, 'database' | 'registry' | 'member' | 'clock' | 'indexKey'>;

/** Undefined where no other group can have given this member a feature: nothing is looked up then. */
export function onwardCheck(deps: OnwardDeps, sharing: Sharing): OnwardCheck | undefined {
  const { group } = sharing;
  const view = deps.registry.current();
  const other = view.body.grants.some(
    (grant) =>
      grant.group !== group && grant.kinds.includes(BATCH_KIND) && view.inGroup(grant.group, deps.member),
  );
  if (!other) return undefined;
  return async (features) => {
    const values = features.map(({ type, value }) => ({
      type,
      lookup: lookupOf(deps.indexKey, type, value),
    }));
    const known = await knownFromOthers(deps.database, { member: deps.member, group }, values);
    const refused = new Map<number, GatewayError>();
    for (const one of known) {
      const error = refusalOf(deps, sharing, { one, feature: features[one.at] });
      if (error !== undefined) refused.set(one.at, error);
    }
    return refused;
  };
}

interface Asked {
  readonly one: KnownFromOthers;
  readonly feature: ReadFeature | undefined;
}

function refusalOf(deps: OnwardDeps, sharing: Sharing, { one, feature }: Asked): GatewayError | undefined {
  if (feature === undefined) return undefined;
  const { member, group, purpose, grant } = one;
  const request = {
    ...sharing,
    ...({ member: deps.member, right: 'push', kind: BATCH_KIND } as const),
    personal: isPersonal(feature.type),
    grade: feature.facts.grade,
    received: [{ from: member, group, grant: grant ?? '', purpose }],
  };
  const decision = decide(request, deps.registry.current(), deps.clock());
  if (decision.permit) return undefined;
  const way = `${member} gave this value to ${group}; if you have seen it yourself, push it there first`;
  const { code, message } = refusalError(decision, way);
  return new GatewayError(code, message, { facts: { unmet: decision.unmet, from: member, group } });
}
