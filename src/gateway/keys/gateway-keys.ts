/** Reads a gateway's private keys and anchors from where its configuration says. */
import { readFile } from 'node:fs/promises';
import type { GatewayConfig } from '../../config.ts';
import { GatewayError } from '../../core/errors.ts';
import { readAnchors, type Anchors } from '../../federation/alliance.ts';
import { readWitnessKey, type WitnessKey } from '../../ledger/notes/cosignature.ts';
import { readPrivateFile } from '../../pki/private-file.ts';
import { importSigningKey, type SigningKey } from '../../wire/jws.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';

export interface GatewayKeys {
  /** PEM. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly seal: SigningKey;
  /** 32 bytes: keys the lookups of screening. */
  readonly index: Buffer;
  /** Undefined on a gateway that is no witness. */
  readonly witness: WitnessKey | undefined;
}

/** Throws config.invalid, pki.key-invalid. */
export async function readGatewayKeys({ keys }: GatewayConfig): Promise<GatewayKeys> {
  const index = Buffer.from((await secret(keys.index)).trim(), 'base64url');
  if (index.length !== 32)
    throw new GatewayError('config.invalid', `${keys.index}: expected 32 bytes, base64url`);
  return {
    tls: { key: await secret(keys.tlsKey), cert: await readFile(keys.tlsCert, 'utf8') },
    seal: await readSealKey(keys.seal),
    index,
    witness: keys.witness === undefined ? undefined : readWitnessKey(await secret(keys.witness)),
  };
}

export async function readSealKey(path: string): Promise<SigningKey> {
  return importSigningKey(JSON.parse(await secret(path)) as Parameters<typeof importSigningKey>[0]);
}

export async function readAnchorsFile(path: string, schemas: SchemaRegistry): Promise<Anchors> {
  return readAnchors(parseStrictJson(await readFile(path)), schemas);
}

async function secret(path: string): Promise<string> {
  return (await readPrivateFile(path)).toString('utf8');
}
