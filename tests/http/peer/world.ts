/** One real peer plane over mutual TLS: bank-b serves; bank-a, a regulator and strangers call. */
import { cpSync, mkdtempSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { seconds, systemClock } from '../../../src/core/clock.ts';
import { sha256, sha256Hex } from '../../../src/core/digest.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { newId, newNonce } from '../../../src/core/ids.ts';
import { createFeedAnswerer } from '../../../src/federation/feed/answer-feed.ts';
import { heldTokens } from '../../../src/federation/held-offers.ts';
import { pairEntries } from '../../../src/federation/pair-entries.ts';
import { createInbox, type InboxHandlers } from '../../../src/federation/inbox.ts';
import { rateBuckets } from '../../../src/federation/rates/rate-bucket-store.ts';
import { createRateLimiter } from '../../../src/federation/rates/rate-limiter.ts';
import { createRefusalLog, type RefusalLog } from '../../../src/federation/refusals.ts';
import type { RegistryMember } from '../../../src/federation/registry/registry-types.ts';
import { createRegistryServer } from '../../../src/federation/registry/peers/serve-registry.ts';
import { createStatusAnswerer } from '../../../src/federation/status.ts';
import { openTokenIdStore, type TokenIdStore } from '../../../src/federation/tokens/token-store.ts';
import type { TlsIdentity } from '../../../src/http/https-options.ts';
import { createPeerServer } from '../../../src/http/peer/peer-server.ts';
import type { PeerPlane } from '../../../src/http/peer/peer-plane.ts';
import { databaseSource } from '../../../src/ledger/serving/source.ts';
import { createAuthority, type Authority } from '../../../src/pki/authority.ts';
import { issueCertificate } from '../../../src/pki/issue.ts';
import { generateRsaKey } from '../../../src/pki/private-key.ts';
import { createRequest } from '../../../src/pki/request.ts';
import { x5t } from '../../../src/pki/thumbprint.ts';
import { freePort } from '../../../src/storage/embedded-postgres.ts';
import { contentDigestHeader, digestClaim } from '../../../src/wire/content-digest.ts';
import { signRequestToken, type RequestClaims } from '../../../src/wire/exchange-token.ts';
import type { SigningKey } from '../../../src/wire/jws.ts';
import { loadSchemas } from '../../../src/wire/schema-registry.ts';
import {
  ALLIANCE,
  sealedNote,
  testAlliance,
  type NoteOptions,
  type TestAlliance,
} from '../../federation/alliance.ts';
import { openGateway, type Gateway } from '../../federation/gateway.ts';

export interface Identity extends TlsIdentity {
  readonly x5t: string;
}

export interface PeerWorld {
  readonly alliance: TestAlliance;
  readonly gateway: Gateway;
  readonly ca: Authority;
  readonly identities: Readonly<Record<IdentityName, Identity>>;
  readonly authority: string;
  readonly plane: PeerPlane;
  readonly refusals: RefusalLog;
  readonly port: number;
  readonly warnings: object[];
  /** Another server over the same gateway, with parts of the plane replaced. Returns its port. */
  serve(change: Partial<PeerPlane>): Promise<number>;
  close(): Promise<void>;
}

export type IdentityName = 'server' | 'a' | 'r' | 'unlisted' | 'expired' | 'revoked' | 'misnamed';

export const PART = Buffer.alloc(300_000, 7);

export async function openPeerWorld(): Promise<PeerWorld> {
  const port = await freePort();
  const authority = `localhost:${port}`;
  const { ca, identities } = await certificates();
  const alliance = await testAlliance((content) => ({
    cas: [ca.certPem],
    members: content.members.map((member) => withGateway(member, authority, identities)),
  }));
  const gateway = await openGateway(alliance, alliance.members.b);
  const warnings: object[] = [];
  const { plane, refusals, tokenIds } = planeOf({ alliance, gateway, identities, authority, warnings });
  const servers: Server[] = [];
  const listen = async (server: Server, at = 0): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  await listen(createPeerServer(plane), port);
  return {
    alliance,
    gateway,
    ca,
    identities,
    authority,
    plane,
    refusals,
    port,
    warnings,
    serve: (change) => listen(createPeerServer({ ...plane, ...change })),
    close: async () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      await tokenIds.close();
      await refusals.close();
      await gateway.close();
    },
  };
}

export async function certificates(): Promise<{
  readonly ca: Authority;
  readonly identities: Readonly<Record<IdentityName, Identity>>;
}> {
  const [ca, key] = await Promise.all([
    createAuthority({ name: 'Test CA', alliance: ALLIANCE }),
    generateRsaKey(),
  ]);
  const issue = (member: string): Identity => {
    const csrPem = createRequest('gateway', { commonName: member }, key);
    const names = { uri: `urn:lianzheng:${ALLIANCE}:${member}:gw1`, dns: ['localhost'] };
    const [nbf, exp] = [new Date(Date.now() - 60_000), new Date(Date.now() + 86_400_000)];
    const cert = issueCertificate({ ca, csrPem, profile: 'gateway', names, nbf, exp });
    return { key, cert, x5t: x5t(cert) };
  };
  const identities = {
    server: issue('bank-b'),
    a: issue('bank-a'),
    r: issue('regulator-r'),
    unlisted: issue('bank-a'),
    expired: issue('bank-a'),
    revoked: issue('bank-a'),
    misnamed: issue('bank-b'),
  };
  return { ca, identities };
}

function withGateway(
  member: RegistryMember,
  authority: string,
  identities: Readonly<Record<IdentityName, Identity>>,
): RegistryMember {
  const now = seconds(new Date());
  const life = { nbf: now - 3600, exp: now + 86_400 };
  const revoked = { at: new Date().toISOString(), reason: 'compromised' as const };
  const certs = {
    'bank-b': [{ x5t: identities.server.x5t, ...life }],
    'regulator-r': [{ x5t: identities.r.x5t, ...life }],
    'bank-a': [
      { x5t: identities.a.x5t, ...life },
      { x5t: identities.expired.x5t, nbf: now - 3600, exp: now - 1 },
      { x5t: identities.revoked.x5t, ...life, revoked },
      { x5t: identities.misnamed.x5t, ...life },
    ],
  };
  const own = member.id === 'bank-b' ? authority : `${member.id}.example:8443`;
  return { ...member, gateways: [{ authority: own, certs: certs[member.id as keyof typeof certs] }] };
}

interface PlaneParts {
  readonly alliance: TestAlliance;
  readonly gateway: Gateway;
  readonly identities: Readonly<Record<IdentityName, Identity>>;
  readonly authority: string;
  readonly warnings: object[];
}

function planeOf({ alliance, gateway, identities, authority, warnings }: PlaneParts): {
  readonly plane: PeerPlane;
  readonly refusals: RefusalLog;
  readonly tokenIds: TokenIdStore;
} {
  const { database } = gateway.world;
  const { ledger, registry } = gateway;
  const common = { member: 'bank-b', database, ledger, registry, clock: systemClock };
  const refusals = createRefusalLog(common);
  const tokenIds = openTokenIdStore({ database, clock: systemClock });
  const log = (facts: object): void => void warnings.push(facts);
  const plane: PeerPlane = {
    member: 'bank-b',
    authority,
    tls: identities.server,
    registry,
    sealKey: alliance.members.b.seal.signing,
    schemas: peerSchemas(),
    clock: systemClock,
    messages: createInbox({ ...common, schemas: alliance.schemas, handlers }),
    status: createStatusAnswerer(common),
    feed: createFeedAnswerer({
      ...common,
      client: { tokenFor: () => Promise.reject(new Error('bank-b has sent nothing here')) },
      disclosedOf: () => Promise.resolve({ disclosures: [], erased: [] }),
      groupKinds: ['test-note'],
    }),
    parts: {
      open: ({ n, claims }) => (n === 0 ? part(claims) : Promise.reject(new GatewayError('part.not-found'))),
    },
    registryServer: createRegistryServer(registry, (peer) => log({ newerRegistryAt: peer })),
    ledgerSource: databaseSource(database),
    heldTokens: (who) => heldTokens(database, who),
    pairEntries: (who, mid) => pairEntries(common, who, mid),
    mayAudit: (member) => member === 'regulator-r',
    refusals,
    tokenIds,
    rates: createRateLimiter({ buckets: rateBuckets(database) }),
    logger: { info: log, warn: log, error: log },
  };
  return { plane, refusals, tokenIds };
}

/** The bundle server is the evidence room's; here one part is enough to be streamed. */
function part({ ofr }: RequestClaims): ReturnType<PeerPlane['parts']['open']> {
  const stream = Readable.from([PART.subarray(0, 100_000), PART.subarray(100_000)]);
  const receipt = ofr ?? { origin: 'x', index: 0, leaf: '0'.repeat(64) };
  return Promise.resolve({ body: { stream, length: PART.length, sha256: sha256Hex(PART) }, receipt });
}

/** The business row of a note: a token id, so that no table of another room is needed. */
const handlers: InboxHandlers = {
  'test-note': {
    right: 'push',
    personal: () => false,
    accept: async (tx, { content, mid }) => {
      await tx.query(
        `INSERT INTO token_id (issuer, jti, exp) VALUES ('note', $1, 0) ON CONFLICT DO NOTHING`,
        [mid],
      );
      return { subject: { type: 'note', id: content.id } };
    },
  },
};

function peerSchemas(): ReturnType<typeof loadSchemas> {
  const directory = mkdtempSync(join(tmpdir(), 'lz-schemas-'));
  for (const name of ['status-request', 'parts-request', 'feed-request', 'registry-request']) {
    cpSync(new URL(`../../../schemas/${name}.json`, import.meta.url), join(directory, `${name}.json`));
  }
  return loadSchemas(directory);
}

export interface Call {
  readonly path?: string;
  readonly method?: string;
  readonly body?: Buffer;
  readonly claims?: Partial<Record<keyof RequestClaims, unknown>>;
  /** `undefined` leaves a header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly as?: IdentityName;
  readonly key?: SigningKey;
  /** In place of the signed one. */
  readonly token?: string | ((token: string) => string);
  readonly port?: number;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly token: string;
  readonly claims: RequestClaims;
  /** The problem's code. */
  readonly code: string | undefined;
}

/** A well-formed note of bank-a, with whatever is to be wrong about it. */
export async function call(world: PeerWorld, one: Call = {}): Promise<Answered> {
  const prepared = await prepare(world, one);
  const { status, headers, body } = await send(world, prepared, one);
  const text = headers['content-type'] === 'application/problem+json' ? body.toString() : '{}';
  const { code } = JSON.parse(text) as { code?: string };
  return { status, headers, body, token: prepared.token, claims: prepared.claims, code };
}

export interface Prepared {
  readonly path: string;
  readonly body: Buffer;
  readonly claims: RequestClaims;
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
}

export async function prepare(world: PeerWorld, one: Call = {}): Promise<Prepared> {
  const { path = '/x/v1/messages', key = world.alliance.members.a.seal.signing } = one;
  const body = one.body ?? (await noteBody(world));
  const claims = { ...claimsFor(world, path, body), ...one.claims } as RequestClaims;
  const signed = await signRequestToken(claims, key);
  const token = typeof one.token === 'function' ? one.token(signed) : (one.token ?? signed);
  const headers = {
    'content-type': 'application/json',
    'content-length': String(body.length),
    'content-digest': contentDigestHeader(sha256(body)),
    'exchange-token': token,
    'exchange-id': claims.mid,
    ...one.headers,
  };
  const given = Object.entries(headers).filter(
    (header): header is [string, string] => header[1] !== undefined,
  );
  return { path, body, claims, token, headers: Object.fromEntries(given) };
}

export async function noteBody(world: PeerWorld, note: Partial<NoteOptions> = {}): Promise<Buffer> {
  const { sealed } = await sealedNote(world.alliance, { from: world.alliance.members.a, ...note });
  return Buffer.from(JSON.stringify(sealed));
}

export function claimsFor(world: PeerWorld, path: string, body: Buffer): RequestClaims {
  const iat = seconds(new Date());
  const { alliance } = world;
  const schema = 'urn:lianzheng:schema:test-note:1.0.0';
  const leaf = sha256Hex('offer');
  const { origin } = alliance.members.a.ledger;
  return {
    iss: 'bank-a',
    aud: 'bank-b',
    grp: 'group-industry',
    pur: 'RISK_PREVENTION',
    iat,
    nbf: iat,
    exp: iat + 60,
    jti: newNonce(),
    mid: newId(),
    htm: 'POST',
    htu: `https://${world.authority}${path}`,
    cty: 'application/json',
    cdg: digestClaim(sha256(body)),
    len: body.length,
    cnf: { 'x5t#S256': world.identities.a.x5t },
    sch: path === '/x/v1/messages' ? `${schema}#${alliance.schemas.digest(schema)}` : '-',
    reg: 1,
    ofr: { origin, index: 0, leaf, size: 1, root: leaf },
  };
}

function send(
  world: PeerWorld,
  prepared: Pick<Prepared, 'path' | 'headers' | 'body'>,
  one: Call,
): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const { key, cert } = world.identities[one.as ?? 'a'];
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port: one.port ?? world.port,
        servername: 'localhost',
        ca: world.ca.certPem,
        key,
        cert,
        agent: false,
        method: one.method ?? 'POST',
        path: one.path ?? prepared.path,
        headers: prepared.headers,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(prepared.body);
  });
}

export function get(world: PeerWorld, path: string, as: IdentityName = 'a'): ReturnType<typeof send> {
  return send(world, { path, headers: {}, body: Buffer.alloc(0) }, { method: 'GET', path, as });
}

/** A bare TLS connection, for what no HTTP client would send. */
export function openSocket(world: PeerWorld, options: object = {}): Promise<TLSSocket> {
  const { key, cert } = world.identities.a;
  return new Promise((resolve, reject) => {
    const target = {
      host: '127.0.0.1',
      port: world.port,
      servername: 'localhost',
      ca: world.ca.certPem,
      key,
      cert,
    };
    const socket = connect({ ...target, ...options }, () => resolve(socket));
    // For good: a connection that the server cuts may fail once more after its promise is settled.
    socket.on('error', reject);
  });
}

/** Writes and reads until the server ends the connection or `until` is seen. */
export function exchangeRaw(socket: TLSSocket, text: string, until?: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const done = (): void => resolve(answer);
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (until !== undefined && answer.includes(until)) done();
    });
    socket.once('close', done);
    socket.once('error', done);
    socket.write(text);
  });
}
