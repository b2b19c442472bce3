/** Publishes registries of a test alliance, also those that must never be, into whichever directory a test names. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import assert from 'node:assert/strict';
import { programSchemas } from '../../src/config.ts';
import type { JsonValue } from '../../src/core/canonical.ts';
import { nextRegistry } from '../../src/federation/alliance.ts';
import { readNext } from '../../src/federation/registry/registry-chain.ts';
import { signRegistry, type VerifiedRegistry } from '../../src/federation/registry/registry-document.ts';
import type { RegistryBody, RegistryMember } from '../../src/federation/registry/registry-types.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import { signFreshness } from '../../src/federation/registry/freshness.ts';
import { importSigningKey, type SigningKey } from '../../src/wire/jws.ts';
import type { FoundedAlliance } from '../../src/demo/found-alliance.ts';

const schemas = programSchemas();

export interface Publisher {
  readonly chain: VerifiedRegistry[];
  /** Signs the successor of the newest, or of the one given. Not put anywhere. */
  next(change?: Partial<RegistryBody>, options?: NextOptions): Promise<VerifiedRegistry>;
  /** Writes the file, and a statement that it is current. */
  put(registry: VerifiedRegistry, directory: string, lifetimeSeconds?: number): Promise<void>;
  /** Both, for the newest. Resolves with the moment at which the file was there. */
  publish(change: Partial<RegistryBody>, directory: string): Promise<number>;
  /** Reads the freshness key's file again. */
  renewFreshnessKey(): void;
}

export interface NextOptions {
  readonly after?: VerifiedRegistry;
  readonly operators?: readonly SigningKey[];
}

export function publisherOf(founded: FoundedAlliance): Publisher {
  const chain = [founded.registry];
  let freshnessKey: Promise<SigningKey> | undefined;
  const publisher: Publisher = {
    chain,
    next: async (
      change = {},
      { after = chain.at(-1)!, operators = founded.operatorKeys.slice(0, 2) } = {},
    ) => {
      const document = await signRegistry(nextRegistry(after, change, { now: new Date() }), operators);
      const { alliance, operators: first } = founded.anchors;
      const json = JSON.parse(JSON.stringify(document)) as JsonValue;
      return readNext(json, after, { alliance, operators: first, schemas });
    },
    put: async (registry, directory, lifetimeSeconds = 600) => {
      mkdirSync(directory, { recursive: true });
      freshnessKey ??= keyFrom(join(founded.directory, 'alliance', 'freshness.jwk'));
      const view = createRegistryView(registry);
      const statement = await signFreshness(view, await freshnessKey, { now: new Date(), lifetimeSeconds });
      writeFileSync(
        join(directory, `registry-${registry.body.serial}.json`),
        JSON.stringify(registry.document),
      );
      writeFileSync(join(directory, 'freshness.json'), JSON.stringify(statement));
    },
    renewFreshnessKey: () => (freshnessKey = undefined),
    publish: async (change, directory) => {
      const registry = await publisher.next(change);
      chain.push(registry);
      await publisher.put(registry, directory);
      return Date.now();
    },
  };
  return publisher;
}

/** The members of the newest registry, one of them changed. */
export function membersWith(
  { chain }: Publisher,
  id: string,
  change: (member: RegistryMember) => Partial<RegistryMember>,
): Pick<RegistryBody, 'members'> {
  const { members } = chain.at(-1)!.body;
  return { members: members.map((member) => (member.id === id ? { ...member, ...change(member) } : member)) };
}

export async function keyFrom(path: string): Promise<SigningKey> {
  return importSigningKey(JSON.parse(readFileSync(path, 'utf8')) as never);
}

export async function until(
  what: string,
  done: () => boolean | Promise<boolean>,
  ms = 20_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    if (await done()) return;
    await sleep(20);
  }
  assert.fail(`waited in vain: ${what}`);
}
