/** A member plane with its own token issuer and a real blob store; the other capabilities answer from memory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { mintToken, type TokenClaims } from '../../../src/cli/mint-token.ts';
import { newId } from '../../../src/core/ids.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import type { MemberLimits } from '../../../src/http/member/limits.ts';
import type { MemberServices } from '../../../src/http/member/services.ts';
import { createMemberServer } from '../../../src/http/member/server.ts';
import { writePrivateFile } from '../../../src/pki/private-file.ts';
import { openBlobStore, type BlobStore } from '../../../src/storage/blob-store.ts';
import { localRates } from '../../world/local-rates.ts';
import { createBearerVerifier } from '../../../src/wire/bearer.ts';
import { generateSealKey, importSigningKey } from '../../../src/wire/keys/seal-key.ts';

export const contractFile = fileURLToPath(new URL('../../../openapi.yaml', import.meta.url));
const ISSUER = 'https://issuer.bank-a.example';
const AUDIENCE = 'bank-a';

export interface TestPlane {
  readonly server: Server;
  readonly blobs: BlobStore;
  readonly blobDirectory: string;
  /** Fields of every log line so far. */
  readonly log: object[];
  token(scopes: readonly string[], other?: Partial<TokenClaims>, now?: Date): Promise<string>;
  /** A token for this plane from an issuer that it does not know. */
  foreignToken(scopes: readonly string[]): Promise<string>;
  readonly issuer: { readonly issuer: string; readonly audience: string };
  /** A private JWK of the issuer, as a file. */
  issuerKeyFile(): Promise<string>;
  close(): Promise<void>;
}

export async function createTestPlane(
  services: Partial<MemberServices> = {},
  limits: Partial<MemberLimits> = {},
): Promise<TestPlane> {
  const directory = mkdtempSync(join(tmpdir(), 'lianzheng-member-'));
  const issuer = await generateSealKey();
  const key = await importSigningKey(issuer.privateJwk);
  const stranger = await importSigningKey((await generateSealKey()).privateJwk);
  writeFileSync(join(directory, 'jwks.json'), JSON.stringify({ keys: [issuer.publicJwk] }));
  const blobs = await openBlobStore({
    directory: join(directory, 'blobs'),
    quotaBytes: 8 << 20,
    reserveBytes: 0,
  });
  const log: object[] = [];
  const record = (fields: object, message: string): void => void log.push({ ...fields, message });
  const server = createMemberServer({
    contract: contractFile,
    bearer: createBearerVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      jwks: { file: join(directory, 'jwks.json') },
    }),
    services: {
      ...closedServices(),
      putBlob: (source, expected) => blobs.put(source, expected),
      ...services,
    },
    metrics: new Registry(),
    rates: localRates(),
    logger: { info: record, warn: record, error: record },
    limits,
    checkAnswers: true,
  });
  const claims = { issuer: ISSUER, audience: AUDIENCE, subject: 'clerk-1', lifetimeSeconds: 300 };
  return {
    server,
    blobs,
    blobDirectory: join(directory, 'blobs'),
    log,
    token: (scopes, other = {}, now = new Date()) => mintToken(key, { ...claims, scopes, ...other }, now),
    foreignToken: (scopes) => mintToken(stranger, { ...claims, scopes }, new Date()),
    issuer: { issuer: ISSUER, audience: AUDIENCE },
    issuerKeyFile: async () => {
      const file = join(directory, 'issuer.jwk');
      await writePrivateFile(file, JSON.stringify(issuer.privateJwk));
      return file;
    },
    close: async () => {
      if (server.listening) await new Promise((done) => server.close(done));
      rmSync(directory, { recursive: true });
    },
  };
}

/** Capabilities that a test did not open: calling one is the test's failure, seen as a 500. */
function closedServices(): MemberServices {
  const closed = (): Promise<never> => Promise.reject(new Error('this test opens no such capability'));
  return {
    health: () =>
      Promise.resolve({
        status: 'ready',
        member: AUDIENCE,
        reasons: [],
        ledger: { size: 0, root: '00' },
      }),
    alive: () => ({ status: 'live' as const, member: 'bank-a', version: '0.0.0', uptimeSeconds: 1 }),
    pushFeatures: closed,
    listFeatures: closed,
    screen: closed,
    eraseSubject: closed,
    listErasures: closed,
    putBlob: closed,
    assemblePacket: closed,
    listPackets: closed,
    packet: () => Promise.reject(new GatewayError('packet.not-found')),
    manifestOf: closed,
    addSignature: closed,
    transferPacket: closed,
    bundle: closed,
    receiptDocument: closed,
    signReceipt: closed,
    createEvidenceRequest: closed,
    listEvidenceRequests: closed,
    releaseEvidence: closed,
    createOnwardRequest: closed,
    listOnwardRequests: closed,
    decideOnwardRequest: closed,
    listDeliveries: closed,
    explain: closed,
    delivery: closed,
    retryDelivery: closed,
    giveUpDelivery: closed,
    deliveryEvidence: closed,
    queue: closed,
    reconcileQueue: closed,
    catchUpQueue: closed,
    ledgerEntry: closed,
    ledgerProof: closed,
    ledgerCheckpoint: closed,
    ledgerWatch: closed,
  };
}

export function somePacketId(): string {
  return newId();
}
