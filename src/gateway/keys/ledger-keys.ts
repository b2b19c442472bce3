/** The keys of a gateway's log: the registry in force says which one signs, the files beside the configuration hold them. */
import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { readConfig, type GatewayConfig } from '../../config.ts';
import type { Anchors } from '../../federation/alliance.ts';
import { readNext } from '../../federation/registry/registry-chain.ts';
import type { RegistryBody, VerifiedRegistry } from '../../federation/registry/registry-document.ts';
import { endorseLedgerKey } from '../../federation/registry/key-change.ts';
import { watchRegistryDirectory } from '../../federation/registry/keeping/registry-directory.ts';
import { adoptedRegistries } from '../../federation/registry/keeping/registry-store.ts';
import { readGatewayKeys } from './gateway-keys.ts';
import { ledgerKeyRing } from '../../ledger/notes/key-ring.ts';
import { createLedgerKey, readLedgerKey, type LedgerKey } from '../../ledger/notes/note.ts';
import { readPrivateFile, writePrivateFile } from '../../pki/private-file.ts';
import { strangeLedgerKey } from '../standing.ts';
import type { Database } from '../../storage/database.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';

export interface LedgerKeysOptions {
  readonly config: GatewayConfig;
  readonly database: Database;
  readonly anchors: Anchors;
  readonly schemas: SchemaRegistry;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

export interface LedgerKeys {
  /** Signs with the key in use, whichever that is. */
  readonly signing: LedgerKey;
  /** What the log may have signed with so far. */
  readonly previousVkeys: readonly string[];
  /** Takes the key that the registry lists for us, if it is here. */
  follow(registry: RegistryBody): Promise<void>;
}

/**
 * Starts with the key that the newest registry lists: with another one nothing may be signed, not even that we adopted
 * it. Throws config.invalid when that key is not here.
 */
export async function openLedgerKeys(options: LedgerKeysOptions): Promise<LedgerKeys> {
  const { config, logger } = options;
  const listed = (await knownRegistries(options)).map(({ body }) => vkeyOf(body, config.member));
  const newest = listed.at(-1);
  const first = newest === undefined ? await readKey(config.keys.ledger) : await keyOf(config, newest);
  if (first === undefined) throw strangeLedgerKey(config, newest ?? '');
  const ring = ledgerKeyRing(first);
  return {
    signing: ring,
    previousVkeys: [...new Set(listed.flatMap((vkey) => vkey ?? []))],
    follow: async (registry) => {
      const vkey = vkeyOf(registry, config.member);
      if (vkey === undefined || vkey === ring.vkey) return;
      const key = await keyOf(config, vkey);
      if (key === undefined) {
        const err = strangeLedgerKey(config, vkey);
        return logger.error({ err, inUse: ring.vkey }, 'ledger key is not here: the old one goes on signing');
      }
      logger.info({ from: ring.vkey, to: vkey, registry: registry.serial }, 'ledger key changed');
      ring.use(key);
    },
  };
}

/** Makes the next key; the member's seal key vouches for it. Throws when there is one already. */
export async function makeNextLedgerKey(configPath: string) {
  const config = readConfig(configPath);
  const { alliance, member } = config;
  const { name: origin } = await readKey(config.keys.ledger);
  const { privateKey, vkey } = createLedgerKey(origin);
  const { seal, witness } = await readGatewayKeys(config);
  const endorsement = await endorseLedgerKey({ alliance, member, vkey }, seal);
  const file = nextPath(config);
  await writePrivateFile(file, `${privateKey}\n`);
  const witnessing = witness === undefined ? {} : { witnessVkey: witness.vkey };
  return { file, member, ledger: { origin, vkey, ...witnessing, endorsement } };
}

/** Those adopted, then those that wait in the directory; the keeper judges and reports what does not follow. */
async function knownRegistries(options: LedgerKeysOptions): Promise<readonly VerifiedRegistry[]> {
  const { anchors, schemas, database, config } = options;
  const { alliance, operators } = anchors;
  const trust = { alliance, operators, schemas };
  const chain: VerifiedRegistry[] = [];
  for (const { document } of await adoptedRegistries(database))
    chain.push(await readNext(parseStrictJson(Buffer.from(document)), chain.at(-1), trust));
  try {
    for (const file of await watchRegistryDirectory(config.registry.dir).changed()) {
      const last = chain.at(-1);
      if (file.serial > (last?.body.serial ?? 0)) chain.push(await readNext(await file.read(), last, trust));
    }
  } catch (error) {
    options.logger.info({ err: error }, 'a registry in the directory does not follow');
  }
  return chain;
}

function vkeyOf(body: RegistryBody, member: string): string | undefined {
  return body.members.find(({ id }) => id === member)?.ledger.vkey;
}

async function keyOf(config: GatewayConfig, vkey: string): Promise<LedgerKey | undefined> {
  for (const path of [config.keys.ledger, nextPath(config)]) {
    if (!existsSync(path)) continue;
    const key = await readKey(path);
    if (key.vkey === vkey) return key;
  }
  return undefined;
}

async function readKey(path: string): Promise<LedgerKey> {
  return readLedgerKey((await readPrivateFile(path)).toString('utf8'));
}

function nextPath({ keys }: GatewayConfig): string {
  return keys.ledgerNext ?? `${keys.ledger}.next`;
}
