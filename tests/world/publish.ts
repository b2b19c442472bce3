/** The operators' next registry, signed, put where all gateways of a test alliance look, and adopted by them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programSchemas } from '../../src/config.ts';
import type { JsonValue } from '../../src/core/canonical.ts';
import { nextRegistry, type AllianceContent } from '../../src/federation/alliance.ts';
import { readNext } from '../../src/federation/registry/registry-chain.ts';
import { signRegistry, type VerifiedRegistry } from '../../src/federation/registry/registry-document.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import type { FoundedAlliance } from '../../src/demo/found-alliance.ts';
import type { TestAlliance } from './alliance.ts';

const newest = new WeakMap<TestAlliance, VerifiedRegistry>();

export async function publishNext(
  alliance: TestAlliance,
  change: (body: VerifiedRegistry['body']) => Partial<AllianceContent>,
): Promise<VerifiedRegistry> {
  const { founded } = alliance;
  const next = await signNext(founded, newest.get(alliance) ?? founded.registry, change);
  newest.set(alliance, next);
  for (const { cast } of founded.members) await alliance.gateway(cast.id).registry.refresh();
  return next;
}

/** Puts it where the gateways look, with a statement of freshness. */
export async function signNext(
  founded: FoundedAlliance,
  previous: VerifiedRegistry,
  change: (body: VerifiedRegistry['body']) => Partial<AllianceContent>,
): Promise<VerifiedRegistry> {
  const body = nextRegistry(previous, change(previous.body), { now: new Date() });
  const document = await signRegistry(body, founded.operatorKeys.slice(0, 2));
  const { alliance: name, operators } = founded.anchors;
  const value = JSON.parse(JSON.stringify(document)) as JsonValue;
  const next = await readNext(value, previous, { alliance: name, operators, schemas: programSchemas() });
  const file = join(founded.directory, 'alliance', 'registry', `registry-${body.serial}.json`);
  await writeFile(file, JSON.stringify(document));
  await founded.refresh(createRegistryView(next));
  return next;
}
