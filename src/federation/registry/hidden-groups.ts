/** Groups whose members the registry only commits to: what hides them, and what opens them (decision 0018). */
import { randomBytes } from 'node:crypto';
import { canonicalBytes } from '../../core/canonical.ts';
import { sha256Hex } from '../../core/digest.ts';
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { RegistryGroup } from './registry-types.ts';

/** Opens a commitment that stands for nobody: it hides how many members there are. No member has this id. */
export const DECOY = '-';

export interface Opening {
  /** Or `-`. */
  readonly member: MemberId;
  /** 32 random bytes, base64url: with fewer, outsiders could try every member of the registry. */
  readonly salt: string;
}

/** What the operators hand to the members of one group and to nobody else; schemas/group-openings.json. */
export interface GroupOpenings {
  readonly alliance: string;
  readonly group: GroupId;
  readonly openings: readonly Opening[];
}

/** Alliance and group are inside, so that an opening of one group opens no other. */
export function commitmentOf(alliance: string, group: GroupId, { member, salt }: Opening): string {
  return sha256Hex(canonicalBytes({ alliance, group, member, salt }));
}

/**
 * The group with its members, or undefined while it stays closed. Every commitment must be opened: a member that was
 * left out of the openings would silently get nothing of what the group shares. Openings of other registries do no harm.
 */
export function openGroup(
  alliance: string,
  group: RegistryGroup,
  documents: readonly GroupOpenings[],
): RegistryGroup | undefined {
  if (group.hidden !== true) return group;
  const listed = new Set(group.commitments);
  const opened = new Map<string, MemberId>();
  for (const opening of documents.flatMap((one) => (one.group === group.id ? one.openings : []))) {
    const commitment = commitmentOf(alliance, group.id, opening);
    if (listed.has(commitment)) opened.set(commitment, opening.member);
  }
  if (opened.size < listed.size) return undefined;
  return { ...group, members: [...new Set(opened.values())].filter((member) => member !== DECOY) };
}

export interface Concealed {
  readonly group: RegistryGroup;
  readonly openings: GroupOpenings;
}

/** Hides the members of `group` among `decoys` commitments to nobody. */
export function concealGroup(alliance: string, group: RegistryGroup, decoys: number): Concealed {
  const members = [...group.members, ...Array<string>(decoys).fill(DECOY)];
  const openings = members.map((member) => ({ member, salt: randomBytes(32).toString('base64url') }));
  // Sorted: their order would tell members from decoys, and old members from new.
  const commitments = openings.map((opening) => commitmentOf(alliance, group.id, opening)).sort();
  return {
    group: { ...group, hidden: true, members: [], commitments },
    openings: { alliance, group: group.id, openings },
  };
}
