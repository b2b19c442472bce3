/** The operators' directory: anchors.json, registry/registry-<serial>.json, registry/freshness.json, and keys. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../../core/canonical.ts';
import { anchorsOf } from '../../../federation/alliance.ts';
import { signFreshness } from '../../../federation/freshness.ts';
import type { VerifiedRegistry } from '../../../federation/registry-document.ts';
import { createRegistryView } from '../../../federation/registry-view.ts';
import type { OperatorSet } from '../../../federation/registry-types.ts';
import { readPrivateFile } from '../../../pki/private-file.ts';
import { importSigningKey, type SigningKey } from '../../../wire/jws.ts';

export const FRESHNESS_KEY = 'freshness.jwk';
export const CA_KEY = 'ca.key';
export const CA_CERTIFICATE = 'ca.crt';
export const ANCHORS = 'anchors.json';

export async function readSigningKey(path: string): Promise<SigningKey> {
  const jwk = JSON.parse((await readPrivateFile(path)).toString('utf8')) as JsonObject;
  return importSigningKey(jwk);
}

/** Registry first, anchors after it: whoever reads between the two sees the alliance as it was before. */
export async function writeChain(
  directory: string,
  chain: readonly VerifiedRegistry[],
  operators: OperatorSet,
): Promise<void> {
  const current = chain.at(-1);
  if (current === undefined) return;
  await mkdir(join(directory, 'registry'), { recursive: true });
  const name = `registry-${current.body.serial}.json`;
  await replace(join(directory, 'registry', name), JSON.stringify(current.document));
  await replace(join(directory, ANCHORS), `${JSON.stringify(anchorsOf(chain, operators), null, 2)}\n`);
}

/** Returns when the statement ends. */
export async function writeFreshness(
  directory: string,
  current: VerifiedRegistry,
  now: Date,
): Promise<string> {
  const key = await readSigningKey(join(directory, FRESHNESS_KEY));
  const statement = await signFreshness(createRegistryView(current), key, { now });
  await replace(join(directory, 'registry', 'freshness.json'), JSON.stringify(statement));
  const { expiresAt } = JSON.parse(Buffer.from(statement.payload, 'base64url').toString()) as {
    expiresAt: string;
  };
  return expiresAt;
}

export async function readAuthority(directory: string): Promise<{ certPem: string; keyPem: string }> {
  return {
    certPem: await readFile(join(directory, CA_CERTIFICATE), 'utf8'),
    keyPem: (await readPrivateFile(join(directory, CA_KEY))).toString('utf8'),
  };
}

/** Gateways poll the directory: they must never see half a file. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
