/** Uploads one file to the blob store, streamed, and compares digests on the way. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { DigestStream } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { startProgress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ApiClient } from './client.ts';

export interface UploadedFile {
  readonly sha256: string;
  readonly sm3: string;
  readonly size: number;
}

/** Throws `blob.digest-mismatch` when the gateway stored other bytes than were read here. */
export async function uploadFile(client: ApiClient, file: string, terminal: Terminal): Promise<UploadedFile> {
  const { size } = await stat(file);
  const progress = startProgress(terminal, { label: `upload ${basename(file)}`, unit: 'bytes' });
  const digest = new DigestStream();
  let sent = 0;
  digest.on('data', (chunk: Buffer) => progress.at((sent += chunk.length), size));
  digest.pause();
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  source.once('error', (error) => digest.destroy(error));
  const stored = await client.upload('/v1/blobs', {
    type: 'application/octet-stream',
    headers: { 'Content-Length': size },
    body: source.pipe(digest),
  });
  progress.end();
  const read = digest.result();
  if (stored.sha256 === read.sha256 && stored.size === read.size) return stored;
  throw new GatewayError('blob.digest-mismatch', `${file} arrived with another digest`, {
    facts: { read, stored },
  });
}
