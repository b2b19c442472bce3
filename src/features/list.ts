/** The features of a group in ledger order, page by page, and how many there are. */
import { GatewayError } from '../core/errors.ts';
import type { GroupId } from '../core/ids.ts';
import type { FeatureDeps } from './deps.ts';
import { countsOf, featuresAfter, type ListedFeature, type Place } from './list-store.ts';

export type { ListedFeature } from './list-store.ts';

type ListDeps = Pick<FeatureDeps, 'database' | 'registry' | 'member'>;

export interface ListRequest {
  readonly group: GroupId;
  /** `next` of the page before. */
  readonly after?: string;
  /** 1–1,000. */
  readonly limit: number;
}

export interface FeaturePage {
  readonly features: readonly ListedFeature[];
  /** Missing on the last page. */
  readonly next?: string;
}

const CURSOR = /^([0-9]{1,15})\.([0-9]{1,5})$/;

/** Throws grant.refused, request.invalid. */
export async function listFeatures(deps: ListDeps, request: ListRequest): Promise<FeaturePage> {
  demandMember(deps, request.group);
  const after = request.after === undefined ? { seq: 0, position: -1 } : placeOf(request.after);
  const limit = Math.min(Math.max(Math.trunc(request.limit), 1), 1000);
  const { features, next } = await featuresAfter(deps.database, { group: request.group, after, limit });
  return next === undefined ? { features } : { features, next: cursorOf(next) };
}

/** Features and sightings in the ledger. Throws grant.refused. */
export async function countFeatures(
  deps: ListDeps,
  group: GroupId,
): Promise<{ readonly features: number; readonly sightings: number }> {
  demandMember(deps, group);
  return countsOf(deps.database, group);
}

/** A group that does not exist and one that is closed to us get the same answer. */
function demandMember({ registry, member }: ListDeps, group: GroupId): void {
  if (registry.current().inGroup(group, member)) return;
  throw new GatewayError('grant.refused', 'condition not met: group-member', {
    facts: { unmet: 'group-member' },
  });
}

function cursorOf({ seq, position }: Place): string {
  return Buffer.from(`${seq}.${position}`).toString('base64url');
}

function placeOf(cursor: string): Place {
  const found = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (found === null) throw new GatewayError('request.invalid', 'after must be the next of an earlier page');
  return { seq: Number(found[1]), position: Number(found[2]) };
}
