/** Messages signed beforehand, one new domain each, as `POST /x/v1/messages` takes them. */
import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programSchemas } from '../src/config.ts';
import { newId, newNonce } from '../src/core/ids.ts';
import { FEATURE_GROUP } from '../src/demo/cast.ts';
import type { FoundedAlliance } from '../src/demo/found-alliance.ts';
import type { FoundedMember } from '../src/demo/found-member.ts';
import { contentDigestHeader, digestClaim } from '../src/wire/content-digest.ts';
import { sealEnvelope } from '../src/wire/envelope.ts';
import { signRequestToken } from '../src/wire/exchange-token.ts';
import { importSigningKey, type SigningKey } from '../src/wire/jws.ts';

export interface SignedMessage {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Signs batches of one new domain each; tokens live 60 s, so each run signs its own just before. */
export async function createSigner(
  alliance: FoundedAlliance,
  sender: FoundedMember,
  receiver: FoundedMember,
) {
  const key = await importSigningKey(
    JSON.parse(await readFile(join(sender.directory, 'seal.jwk'), 'utf8')) as Parameters<
      typeof importSigningKey
    >[0],
  );
  const certificate = new X509Certificate(await readFile(join(sender.directory, 'tls.crt')));
  const thumbprint = createHash('sha256').update(certificate.raw).digest('base64url');
  let made = 0;
  return (count: number): Promise<SignedMessage[]> =>
    Promise.all(
      Array.from({ length: count }, () =>
        request({ alliance, sender, receiver, key, thumbprint, n: (made += 1) }),
      ),
    );
}

interface Making {
  readonly alliance: FoundedAlliance;
  readonly sender: FoundedMember;
  readonly receiver: FoundedMember;
  readonly key: SigningKey;
  readonly thumbprint: string;
  readonly n: number;
}

const schemas = programSchemas();
const SCHEMA = 'urn:lianzheng:schema:feature-batch:1.0.0';

async function request({ alliance, sender, receiver, key, thumbprint, n }: Making): Promise<SignedMessage> {
  const { registry } = alliance;
  const now = new Date();
  const schema = { id: SCHEMA, sha256: schemas.digest(SCHEMA) };
  const sealed = await sealEnvelope(
    {
      id: newId(),
      kind: 'feature-batch',
      version: 1,
      issuer: sender.cast.id,
      group: FEATURE_GROUP,
      createdAt: now.toISOString(),
      purpose: 'RISK_PREVENTION',
      legalBasis: ['PIPL-13'],
      schema,
      registry: { serial: registry.body.serial, sha256: registry.sha256 },
      body: {
        features: [
          {
            id: newId(),
            type: 'domain',
            value: `bench-${n}.example`,
            confidence: 80,
            tlp: 'amber',
            grade: 2,
            firstSeen: now.toISOString(),
            lastSeen: now.toISOString(),
            validFrom: now.toISOString(),
            source: 'bench',
          },
        ],
      },
    },
    key,
  );
  const body = Buffer.from(JSON.stringify(sealed));
  const digest = createHash('sha256').update(body).digest();
  const mid = newId();
  const iat = Math.floor(now.getTime() / 1000);
  const token = await signRequestToken(
    {
      iss: sender.cast.id,
      aud: receiver.cast.id,
      grp: FEATURE_GROUP,
      pur: 'RISK_PREVENTION',
      iat,
      nbf: iat,
      exp: iat + 60,
      jti: newNonce(),
      mid,
      htm: 'POST',
      htu: `https://${receiver.config.peer.authority}/x/v1/messages`,
      cty: 'application/json',
      cdg: digestClaim(digest),
      len: body.length,
      cnf: { 'x5t#S256': thumbprint },
      sch: `${schema.id}#${schema.sha256}`,
      reg: registry.body.serial,
      ofr: null,
    },
    key,
  );
  const headers = {
    'content-type': 'application/json',
    'content-length': String(body.length),
    'content-digest': contentDigestHeader(digest),
    'exchange-token': token,
    'exchange-id': mid,
  };
  return { headers, body };
}
