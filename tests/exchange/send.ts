/** Sends forged requests over mutual TLS: through node:https, or byte by byte where that would not send them. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { Forged } from './forge.ts';
import type { IdentityName, WireWorld } from './wire-world.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** base64url SHA-256 of the certificate that the server showed. */
  readonly serverCertificate: string;
}

const agents = new WeakMap<WireWorld, Map<IdentityName, Agent>>();
const shown = new WeakMap<TLSSocket, string>();

/** Connections are kept alive: bytes that a refusal left unread would spoil the next case. */
export async function send(world: WireWorld, forged: Forged): Promise<Answer> {
  const { method, path, headers, wire } = forged;
  const { host, port } = world.receiver.config.peer;
  const agent = agentOf(world, forged.as);
  const call = request({ host, port, method, path, agent, headers: headers.flat() });
  call.end(wire);
  const [response] = (await once(call, 'response')) as [IncomingMessage & { socket: TLSSocket }];
  const serverCertificate = certificateOf(response.socket);
  const body = await buffer(response);
  return { status: response.statusCode ?? 0, headers: response.headers, body, serverCertificate };
}

/** Resolves with all that came until the server closed or fell silent after a whole answer. */
export async function sendBytes(world: WireWorld, bytes: Buffer | string): Promise<Answer> {
  const { host, port } = world.receiver.config.peer;
  const socket = connect({ host, port, ...tlsOf(world, 'sender') });
  await once(socket, 'secureConnect');
  const serverCertificate = certificateOf(socket);
  socket.write(bytes);
  try {
    return { ...(await readAnswer(socket)), serverCertificate };
  } finally {
    socket.destroy();
  }
}

/** The request as it would stand on the wire. */
export function bytesOf({ method, path, headers, wire }: Forged): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), wire]);
}

export function closeConnections(world: WireWorld): void {
  for (const agent of agents.get(world)?.values() ?? []) agent.destroy();
}

function agentOf(world: WireWorld, as: IdentityName): Agent {
  const known = agents.get(world) ?? new Map<IdentityName, Agent>();
  agents.set(world, known);
  const agent = known.get(as) ?? new Agent({ keepAlive: true, ...tlsOf(world, as) });
  known.set(as, agent);
  return agent;
}

function tlsOf(world: WireWorld, as: IdentityName): ConnectionOptions {
  const identity = world.identities[as];
  if (identity === undefined) throw new Error(`this world has no identity ${as}`);
  const { cert, key } = identity;
  return { cert, key, ca: world.ca, servername: 'localhost', minVersion: 'TLSv1.3' };
}

/** Node tells the peer's certificate of a kept connection only the first time. */
function certificateOf(socket: TLSSocket): string {
  const raw = socket.getPeerX509Certificate()?.raw;
  if (raw !== undefined) shown.set(socket, createHash('sha256').update(raw).digest('base64url'));
  return shown.get(socket) ?? 'none';
}

async function readAnswer(socket: TLSSocket): Promise<Omit<Answer, 'serverCertificate'>> {
  let all = Buffer.alloc(0);
  let cut: Omit<Answer, 'serverCertificate'> | undefined;
  for await (const chunk of socket) {
    all = Buffer.concat([all, chunk as Buffer]);
    const end = all.indexOf('\r\n\r\n');
    if (end === -1) continue;
    const [first = '', ...lines] = all.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(lines.map(readLine)) as IncomingHttpHeaders;
    const length = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
    const body = all.subarray(end + 4);
    cut = { status: Number(first.split(' ')[1]), headers, body: body.subarray(0, length) };
    if (body.length >= length) return cut;
  }
  // To anything but HTTP/1.1 Node tells no length: the body ends with the connection.
  if (cut !== undefined && cut.headers['content-length'] === undefined) return cut;
  throw new Error(`the connection ended after ${all.length} bytes`);
}

function readLine(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
