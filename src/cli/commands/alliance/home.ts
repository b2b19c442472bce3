/** The operators' directory: anchors.json, registry/registry-<serial>.json, registry/freshness.json, and keys. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { JsonObject } from '../../../core/canonical.ts';
import { GatewayError } from '../../../core/errors.ts';
import { anchorsOf } from '../../../federation/alliance.ts';
import type { DraftPlace } from '../../../federation/drafting/draft.ts';
import { signFreshness } from '../../../federation/registry/freshness.ts';
import type { VerifiedRegistry } from '../../../federation/registry/registry-document.ts';
import { createRegistryView } from '../../../federation/registry/registry-view.ts';
import type { OperatorSet } from '../../../federation/registry/registry-types.ts';
import { readPrivateFile } from '../../../pki/private-file.ts';
import { importSigningKey, type SigningKey } from '../../../wire/jws.ts';
import type { SchemaRegistry } from '../../../wire/schema-registry.ts';
import { readJsonFile } from '../../read-json-file.ts';
import { createFile, replaceFile } from '../../replace-file.ts';
import { readTrust, type Trust } from '../../trust.ts';

export const FRESHNESS_KEY = 'freshness.jwk';
export const CA_KEY = 'ca.key';
export const CA_CERTIFICATE = 'ca.crt';
export const ANCHORS = 'anchors.json';
export const DRAFT = 'draft.json';

export interface Home extends Trust, DraftPlace {
  readonly directory: string;
  readonly previous: VerifiedRegistry;
}

/** Throws when the directory holds no alliance. */
export async function readHome(dir: string, schemas: SchemaRegistry): Promise<Home> {
  return readHomeOf(join(resolve(dir), ANCHORS), schemas);
}

export async function readHomeOf(path: string, schemas: SchemaRegistry): Promise<Home> {
  const directory = dirname(resolve(path));
  if (!existsSync(path)) throw new Error(`${path} does not exist: name the operators' directory with --dir`);
  const trust = await readTrust(path, schemas);
  const previous = trust.chain.at(-1);
  if (previous === undefined) throw new Error(`${path} holds no registry`);
  return { ...trust, directory, previous, schemas };
}

/** Before an alliance is founded there is nothing to follow. */
export async function readPlace(dir: string, schemas: SchemaRegistry): Promise<Home | FoundingPlace> {
  if (existsSync(join(resolve(dir), ANCHORS))) return readHome(dir, schemas);
  return { directory: resolve(dir), previous: undefined, chain: [], schemas };
}

export interface FoundingPlace extends DraftPlace {
  readonly directory: string;
  readonly previous: undefined;
  readonly chain: readonly [];
}

export async function readSigningKey(path: string): Promise<SigningKey> {
  const jwk = JSON.parse((await readPrivateFile(path)).toString('utf8')) as JsonObject;
  return importSigningKey(jwk);
}

/**
 * Registry first, anchors after it: whoever reads between the two sees the alliance as it was before. A serial is
 * written once; throws `registry.fork` when another registry stands under it already.
 */
export async function writeChain(
  directory: string,
  chain: readonly VerifiedRegistry[],
  operators: OperatorSet,
): Promise<void> {
  const current = chain.at(-1);
  if (current === undefined) return;
  await mkdir(join(directory, 'registry'), { recursive: true });
  const path = join(directory, 'registry', `registry-${current.body.serial}.json`);
  const isNew = await createFile(path, JSON.stringify(current.document));
  if (!isNew) await demandSame(path, current);
  await replaceFile(join(directory, ANCHORS), `${JSON.stringify(anchorsOf(chain, operators), null, 2)}\n`);
}

async function demandSame(path: string, current: VerifiedRegistry): Promise<void> {
  const there = (await readJsonFile(path)) as { readonly payload?: unknown };
  if (there.payload === current.document.payload) return;
  throw new GatewayError('registry.fork', `${path} is another registry ${current.body.serial}`);
}

/** Returns when the statement ends. */
export async function writeFreshness(
  directory: string,
  current: VerifiedRegistry,
  now: Date,
): Promise<string> {
  const key = await freshnessKey(directory, current);
  const statement = await signFreshness(createRegistryView(current), key, { now });
  await mkdir(join(directory, 'registry'), { recursive: true });
  await replaceFile(join(directory, 'registry', 'freshness.json'), JSON.stringify(statement));
  const { expiresAt } = JSON.parse(Buffer.from(statement.payload, 'base64url').toString()) as {
    expiresAt: string;
  };
  return expiresAt;
}

/** freshness.jwk, or freshness.jwk.next once the registry names that one. Throws `pki.key-invalid` when neither fits. */
async function freshnessKey(directory: string, { body }: VerifiedRegistry): Promise<SigningKey> {
  const { kid } = body.freshnessKey;
  for (const name of [FRESHNESS_KEY, `${FRESHNESS_KEY}.next`]) {
    const path = join(directory, name);
    if (!existsSync(path)) continue;
    const key = await readSigningKey(path);
    if (key.kid === kid) return key;
  }
  throw new GatewayError('pki.key-invalid', `${directory} has no ${FRESHNESS_KEY} with kid ${kid}`);
}

export function hasFreshnessKey(directory: string): boolean {
  return existsSync(join(directory, FRESHNESS_KEY));
}

export async function readAuthority(directory: string): Promise<{ certPem: string; keyPem: string }> {
  return {
    certPem: await readFile(join(directory, CA_CERTIFICATE), 'utf8'),
    keyPem: (await readPrivateFile(join(directory, CA_KEY))).toString('utf8'),
  };
}
