/** Grant decisions about feature batches: asked once for each class of data and registry, never assumed. */
import { decide, refusalError, type Permit } from '../../federation/grants.ts';
import type { RegistryView } from '../../federation/registry/registry-view.ts';
import { BATCH_KIND } from '../feature.ts';
import type { FeatureDeps } from '../deps.ts';

export interface Sharing {
  readonly group: string;
  readonly purpose: string;
  readonly legalBasis: readonly string[];
}

/** Throws grant.refused, grant.personal-in-alliance. */
export type PushPermit = (data: { readonly personal: boolean; readonly grade: number }) => Permit;

export function pushPermit(
  deps: Pick<FeatureDeps, 'registry' | 'member' | 'clock'>,
  { group, purpose, legalBasis }: Sharing,
): PushPermit {
  let asked: { readonly view: RegistryView; readonly grants: Map<string, Permit> } | undefined;
  return ({ personal, grade }) => {
    const view = deps.registry.current();
    if (asked?.view !== view) asked = { view, grants: new Map() };
    const known = asked.grants.get(`${personal} ${grade}`);
    if (known !== undefined) return known;

    const { member } = deps;
    const request = {
      member,
      right: 'push',
      group,
      kind: BATCH_KIND,
      purpose,
      legalBasis,
      personal,
      grade,
    } as const;
    const decision = decide(request, view, deps.clock());
    if (!decision.permit) throw refusalError(decision);
    asked.grants.set(`${personal} ${grade}`, decision);
    return decision;
  };
}
