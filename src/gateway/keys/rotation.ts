/** The next keys of a gateway, each beside the one in use, and the signed request that the operators get for it. */
import { existsSync } from 'node:fs';
import { readConfig, type GatewayConfig } from '../../config.ts';
import type { JsonObject } from '../../core/canonical.ts';
import {
  rotateLedgerKey,
  rotateSealKey,
  signRotation,
  type RotatingMember,
  type Rotation,
  type RotationKind,
} from '../../federation/enrolling/rotation.ts';
import { readGatewayKeys } from './gateway-keys.ts';
import { createLedgerKey, readLedgerKey } from '../../ledger/notes/note.ts';
import { readRequestKey } from '../../pki/admission/request-key.ts';
import { readPrivateFile, writePrivateFile } from '../../pki/private-file.ts';
import { generateRsaKey } from '../../pki/private-key.ts';
import { createRequest } from '../../pki/request.ts';
import { generateSealKey, importSigningKey } from '../../wire/jws.ts';

export interface RotationOrder {
  readonly kind: RotationKind;
  readonly configPath: string;
  /** PEM of a request whose key is elsewhere, with `tls`. */
  readonly csr?: string;
}

export interface NextKey {
  /** Private key, mode 0600; undefined when it is elsewhere. */
  readonly file?: string;
  /** Where the new certificate is to be put. */
  readonly certificate?: string;
  readonly rotation: Rotation;
}

/** A next key that is there already is taken again: a request that was lost can be made anew. */
export async function makeNext({ kind, configPath, csr }: RotationOrder): Promise<NextKey> {
  const config = readConfig(configPath);
  const { seal, witness } = await readGatewayKeys(config);
  const { alliance, member } = config;
  const rotating = { alliance, member, seal };
  if (kind === 'tls') return nextCertificate(config, rotating, csr);
  if (kind === 'seal') return nextSealKey(config, rotating);
  return nextLedgerKey(config, rotating, witness?.vkey);
}

async function nextCertificate(
  { keys, peer, gateway }: GatewayConfig,
  { alliance, member, seal }: RotatingMember,
  own: string | undefined,
): Promise<NextKey> {
  const file = `${keys.tlsKey}.next`;
  const csr =
    own ??
    createRequest('gateway', { commonName: `${member} ${gateway}` }, await keptOr(file, generateRsaKey));
  await readRequestKey(csr);
  const uri = `urn:lianzheng:${alliance}:${member}:${gateway}`;
  const content = { alliance, member, kind: 'tls', uri, authority: peer.authority, csr } as const;
  const rotation = await signRotation(content, seal);
  const made = own === undefined ? { file } : {};
  return { ...made, certificate: `${keys.tlsCert}.next`, rotation };
}

async function nextSealKey({ keys }: GatewayConfig, rotating: RotatingMember): Promise<NextKey> {
  const file = `${keys.seal}.next`;
  const text = await keptOr(file, async () => JSON.stringify((await generateSealKey('Ed25519')).privateJwk));
  const { kty, crv, x, kid, alg } = JSON.parse(text) as Readonly<Record<string, string>>;
  const signing = await importSigningKey(JSON.parse(text) as Parameters<typeof importSigningKey>[0]);
  const jwk = { kty, crv, x, kid, alg } as JsonObject;
  return { file, rotation: await rotateSealKey(rotating, { jwk, signing }) };
}

async function nextLedgerKey(
  { keys }: GatewayConfig,
  rotating: RotatingMember,
  witnessVkey: string | undefined,
): Promise<NextKey> {
  const file = keys.ledgerNext ?? `${keys.ledger}.next`;
  const { name: origin } = readLedgerKey((await readPrivateFile(keys.ledger)).toString('utf8'));
  const text = await keptOr(file, async () => `${createLedgerKey(origin).privateKey}\n`);
  const ledger = { origin, vkey: readLedgerKey(text).vkey, ...(witnessVkey && { witnessVkey }) };
  return { file, rotation: await rotateLedgerKey(rotating, ledger) };
}

/** The private key in the file, or a new one that is put there. */
async function keptOr(file: string, make: () => Promise<string>): Promise<string> {
  if (existsSync(file)) return (await readPrivateFile(file)).toString('utf8');
  const made = await make();
  await writePrivateFile(file, made);
  return made;
}
