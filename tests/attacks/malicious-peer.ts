/** The gateway of police-p in bad hands: its name, its certificate, its seal key, and what it likes to answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { seconds } from '../../src/core/clock.ts';
import { sha256 } from '../../src/core/digest.ts';
import { newNonce } from '../../src/core/ids.ts';
import { ALLIANCE } from '../../src/demo/cast.ts';
import type { PeerClient } from '../../src/federation/peers/peer-client.ts';
import { contentDigestHeader, digestClaim } from '../../src/wire/content-digest.ts';
import {
  readToken,
  signResponseToken,
  tokenHash,
  type RequestClaims,
  type ResponseClaims,
} from '../../src/wire/exchange-token.ts';
import type { SigningKey } from '../../src/wire/jws.ts';
import type { AttackWorld } from './attack-world.ts';
import { dns, ip, makeBadCertificate, uri } from './bad-certificates.ts';
import { clientTo, fakeServer, type ClientOptions } from './fake-server.ts';

export interface Asked {
  readonly path: string;
  readonly body: Buffer;
  readonly claims: RequestClaims;
}

/** An honest answer but for what is given. */
export interface Reply {
  readonly body: Buffer;
  readonly claims?: Partial<ResponseClaims>;
  readonly signer?: SigningKey;
  /** What is sent in place of what was signed. */
  readonly sent?: Buffer;
  /** A token that was made before. */
  readonly token?: string;
  /** Learns the token of this answer. */
  readonly onToken?: (token: string) => void;
}

export type Script = (asked: Asked) => Reply;

export interface AtPeer {
  readonly client: PeerClient;
  readonly served: () => number;
}

/** Runs `work` with a client that is led to this peer, over real mutual TLS. */
export async function withMaliciousPeer<T>(
  world: AttackWorld,
  { script, as = 'sender' }: Pick<ClientOptions, 'as'> & { readonly script: Script },
  work: (peer: AtPeer) => Promise<T>,
): Promise<T> {
  const identity = makeBadCertificate({
    issuer: world.founded.ca,
    key: world.identities.sender.key!,
    names: [uri(`urn:lianzheng:${ALLIANCE}:police-p:gw1`), dns('localhost'), ip('127.0.0.1')],
  });
  const { cert, key, x5t } = identity;
  const server = await fakeServer({ cert, key }, (request, response) => {
    answer(world, { script, x5t }, { request, response }).catch(() => response.destroy());
  });
  const gateway = { authority: `127.0.0.1:${server.port}`, certs: [{ x5t, nbf: 0, exp: 4_000_000_000 }] };
  const client = clientTo(world, [gateway], { as });
  try {
    return await work({ client, served: server.requests });
  } finally {
    await client.close();
    await server.close();
  }
}

async function answer(
  world: AttackWorld,
  { script, x5t }: { readonly script: Script; readonly x5t: string },
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const token = String(request.headers['exchange-token']);
  const claims = readToken(token, 'lzx-req+jwt').claims as unknown as RequestClaims;
  const asked = { path: request.url ?? '', body: await buffer(request), claims };
  const reply = script(asked);
  const honest = honestClaims(world, asked, { x5t, token, body: reply.body });
  const signer = reply.signer ?? world.wires.police.keys.sender;
  const signed = reply.token ?? (await signResponseToken({ ...honest, ...reply.claims }, signer));
  reply.onToken?.(signed);
  const sent = reply.sent ?? reply.body;
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', sent.length);
  response.setHeader('content-digest', contentDigestHeader(sha256(sent)));
  response.setHeader('exchange-token', signed).end(sent);
}

function honestClaims(
  world: AttackWorld,
  { body: asked, claims }: Asked,
  { x5t, token, body }: { readonly x5t: string; readonly token: string; readonly body: Buffer },
): ResponseClaims {
  return {
    iss: 'police-p',
    aud: claims.iss,
    iat: seconds(world.clock()),
    jti: newNonce(),
    cnf: { 'x5t#S256': x5t },
    sts: 200,
    cdg: digestClaim(sha256(body)),
    len: body.length,
    cty: 'application/json',
    rth: tokenHash(token),
    rjti: claims.jti,
    mid: claims.mid,
    rcdg: digestClaim(sha256(asked)),
    htm: claims.htm,
    htu: claims.htu,
    rpl: false,
    rcpt: null,
  };
}
