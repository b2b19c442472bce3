/** The operators' next registry of a world, in which one member is changed; every gateway looks for it each second. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalBytes } from '../../../../src/core/canonical.ts';
import { sha256Hex } from '../../../../src/core/digest.ts';
import { nextRegistry } from '../../../../src/federation/alliance.ts';
import { signRegistry } from '../../../../src/federation/registry/registry-document.ts';
import type { RegistryBody, RegistryMember } from '../../../../src/federation/registry/registry-types.ts';
import { createRegistryView } from '../../../../src/federation/registry/registry-view.ts';
import type { FaultWorld } from '../fault-world.ts';
import type { Member } from '../found-world.ts';

interface Published {
  readonly body: RegistryBody;
  readonly sha256: string;
}

/** What each world published last, where that is not its first registry. */
const newest = new WeakMap<FaultWorld, Published>();

/** Resolves with the moment at which it was there, on the monotonic clock. */
export async function publishWith(
  world: FaultWorld,
  id: Member,
  change: (member: RegistryMember) => RegistryMember,
): Promise<number> {
  const { registry, operatorKeys, directory } = world.alliance;
  const before = newest.get(world) ?? registry;
  const members = before.body.members.map((member) => (member.id === id ? change(member) : member));
  const body = nextRegistry(before, { members }, { now: new Date() });
  const published = { body, sha256: sha256Hex(canonicalBytes(body)) };
  const document = await signRegistry(body, operatorKeys.slice(0, 2));
  const path = join(directory, 'alliance', 'registry', `registry-${body.serial}.json`);
  await writeFile(`${path}.new`, JSON.stringify(document));
  await rename(`${path}.new`, path);
  newest.set(world, published);
  await world.alliance.refresh(createRegistryView(published));
  return performance.now();
}
