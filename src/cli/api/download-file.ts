/** Downloads a bundle into FILE.part and renames it once its digest is right. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { equalDigests } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { startProgress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ApiClient } from './client.ts';

export interface Download {
  readonly packetId: string;
  readonly target: string;
  readonly terminal: Terminal;
}

export interface DownloadedFile {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
}

/** Throws `bundle.digest-mismatch`, and then removes what it fetched: going on from wrong bytes never ends well. */
export async function downloadFile(client: ApiClient, download: Download): Promise<DownloadedFile> {
  const file = resolve(download.target);
  const part = `${file}.part`;
  const { packet, from } = await startOf(client, download.packetId, part);
  if (from < packet.size) await fetchRest(client, download, { part, from });
  const sha256 = await digestOf(part);
  const { size } = await stat(part);
  if (size !== packet.size || !equalDigests(sha256, packet.sha256)) {
    await rm(part);
    const message = `${download.target} arrived with another digest; run the command again`;
    throw new GatewayError('bundle.digest-mismatch', message, { facts: { expected: packet, size, sha256 } });
  }
  await rename(part, file);
  return { file, size, sha256 };
}

async function startOf(client: ApiClient, id: string, part: string) {
  const { bundle, state } = await client.get('/v1/packets/{id}', { path: { id } });
  if (bundle === undefined)
    throw new GatewayError('packet.state', `the packet has no bundle yet: it is ${state}`);
  const held = await stat(part).catch(() => undefined);
  return { packet: bundle, from: held === undefined || held.size > bundle.size ? 0 : held.size };
}

async function fetchRest(
  client: ApiClient,
  { packetId, terminal }: Download,
  { part, from }: { readonly part: string; readonly from: number },
): Promise<void> {
  const headers = from === 0 ? {} : { Range: `bytes=${from}-` };
  const answer = await client.open('GET', '/v1/packets/{id}/bundle', { path: { id: packetId }, headers });
  const start = answer.statusCode === 206 ? from : 0;
  const progress = startProgress(terminal, { label: 'download', unit: 'bytes' });
  let done = start;
  answer.on('data', (chunk: Buffer) => progress.at((done += chunk.length), totalOf(answer, start)));
  answer.pause();
  await pipeline(answer, createWriteStream(part, start === 0 ? { flags: 'w' } : { flags: 'r+', start }));
  progress.end();
}

function totalOf(answer: IncomingMessage, start: number): number {
  return start + Number(answer.headers['content-length'] ?? 0);
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
