/** A peer over real mutual TLS: answers as it is told, each answer signed as the profile asks unless a test bends it. */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { sha256 } from '../../src/core/digest.ts';
import { newNonce } from '../../src/core/ids.ts';
import type { GatewayCertificate } from '../../src/federation/registry/registry-types.ts';
import { createAuthority, type Authority } from '../../src/pki/authority.ts';
import { issueCertificate } from '../../src/pki/issue.ts';
import { generateRsaKey } from '../../src/pki/private-key.ts';
import { createRequest } from '../../src/pki/request.ts';
import { x5t } from '../../src/pki/thumbprint.ts';
import { freePort } from '../../src/storage/embedded-postgres.ts';
import { contentDigestHeader, digestClaim } from '../../src/wire/content-digest.ts';
import {
  readRequestClaims,
  readToken,
  signResponseToken,
  tokenHash,
  type RequestClaims,
  type ResponseClaims,
} from '../../src/wire/exchange-token.ts';
import { ALLIANCE, testAlliance, type TestAlliance, type TestMember } from './alliance.ts';

const DAY_MS = 86_400_000;

export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
  readonly registered: GatewayCertificate;
}

export interface TlsAlliance {
  readonly alliance: TestAlliance;
  readonly ca: Authority;
  readonly a: TlsIdentity;
  readonly b: TlsIdentity;
  /** Where bank-b is registered: `127.0.0.1:<port>`. */
  readonly port: number;
}

export async function tlsIdentity(ca: Authority, member: string, ip = '127.0.0.1'): Promise<TlsIdentity> {
  const key = await generateRsaKey();
  const [nbf, exp] = [new Date(Date.now() - 60_000), new Date(Date.now() + 30 * DAY_MS)];
  const names = { uri: `urn:lianzheng:${ALLIANCE}:${member}:gw1`, dns: ['localhost'], ip: [ip] };
  const csrPem = createRequest('gateway', { commonName: `${member} gw1` }, key);
  const cert = issueCertificate({ ca, csrPem, profile: 'gateway', names, nbf, exp });
  const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);
  return { key, cert, registered: { x5t: x5t(cert), nbf: seconds(nbf), exp: seconds(exp) } };
}

/** bank-a and bank-b with real certificates; bank-b listens where the registry says. */
export async function tlsAlliance(): Promise<TlsAlliance> {
  const ca = await createAuthority({ name: 'Test CA', alliance: ALLIANCE });
  const [a, b, port] = await Promise.all([tlsIdentity(ca, 'bank-a'), tlsIdentity(ca, 'bank-b'), freePort()]);
  const alliance = await testAlliance(({ members }) => ({
    cas: [ca.certPem],
    members: members.map((member) => {
      if (member.id === 'bank-a')
        return { ...member, gateways: [{ authority: '127.0.0.1:1', certs: [a.registered] }] };
      if (member.id !== 'bank-b') return member;
      return { ...member, gateways: [{ authority: `127.0.0.1:${port}`, certs: [b.registered] }] };
    }),
  }));
  return { alliance, ca, a, b, port };
}

export interface PeerRequest {
  readonly path: string;
  readonly claims: RequestClaims;
  readonly token: string;
  readonly body: Buffer;
  readonly headers: IncomingMessage['headers'];
}

export interface PeerReply {
  readonly status: number;
  readonly body: Buffer;
  readonly claims?: Partial<ResponseClaims>;
  /** Bends the finished answer. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Who signs; default the peer itself. */
  readonly signer?: TestMember;
  /** No token at all. */
  readonly unsigned?: boolean;
}

export type PeerScript = (request: PeerRequest) => Promise<PeerReply | 'hang-up'> | PeerReply | 'hang-up';

export interface TestPeer {
  readonly requests: PeerRequest[];
  script: PeerScript;
  close(): Promise<void>;
}

export async function startPeer(
  tls: TlsAlliance,
  {
    member = tls.alliance.members.b,
    identity = tls.b,
  }: { readonly member?: TestMember; readonly identity?: TlsIdentity } = {},
): Promise<TestPeer> {
  const requests: PeerRequest[] = [];
  const peer = { requests, script: (() => 'hang-up') as PeerScript };
  const certificate = x5t(new X509Certificate(identity.cert).raw);
  const { key, cert } = identity;
  const options = { key, cert, ca: tls.ca.certPem, requestCert: true, rejectUnauthorized: true } as const;
  const server = createServer({ ...options, minVersion: 'TLSv1.3' }, (incoming, outgoing) => {
    void (async () => {
      const request = await readRequest(incoming);
      requests.push(request);
      const reply = await peer.script(request);
      if (reply === 'hang-up') return void incoming.socket.destroy();
      await answer(outgoing, { request, reply, signer: reply.signer ?? member, certificate });
    })();
  });
  await listen(server, tls.port);
  return Object.assign(peer, {
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function readRequest(incoming: IncomingMessage): Promise<PeerRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const token = String(incoming.headers['exchange-token'] ?? '');
  const claims =
    token === '' ? ({} as RequestClaims) : readRequestClaims(readToken(token, 'lzx-req+jwt').claims);
  return { path: incoming.url ?? '', claims, token, body: Buffer.concat(chunks), headers: incoming.headers };
}

interface Answering {
  readonly request: PeerRequest;
  readonly reply: PeerReply;
  readonly signer: TestMember;
  readonly certificate: string;
}

async function answer(
  outgoing: ServerResponse,
  { request, reply, signer, certificate }: Answering,
): Promise<void> {
  const { claims: sent, token, body } = request;
  const claims: ResponseClaims = {
    iss: sent.aud,
    aud: sent.iss,
    iat: Math.floor(Date.now() / 1000),
    jti: newNonce(),
    cnf: { 'x5t#S256': certificate },
    sts: reply.status,
    cdg: digestClaim(sha256(reply.body)),
    len: reply.body.length,
    cty: 'application/json',
    rth: tokenHash(token),
    rjti: sent.jti,
    mid: sent.mid,
    rcdg: digestClaim(sha256(body)),
    htm: sent.htm,
    htu: sent.htu,
    rpl: false,
    rcpt: null,
    ...reply.claims,
  };
  outgoing.statusCode = reply.status;
  outgoing.setHeader('Content-Type', 'application/json');
  outgoing.setHeader('Content-Digest', contentDigestHeader(sha256(reply.body)));
  if (reply.unsigned !== true)
    outgoing.setHeader('Exchange-Token', await signResponseToken(claims, signer.seal.signing));
  for (const [name, value] of Object.entries(reply.headers ?? {})) outgoing.setHeader(name, value);
  outgoing.end(reply.body);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  if ((server.address() as AddressInfo).port !== port) throw new Error('peer listens elsewhere');
}
