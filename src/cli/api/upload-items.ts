/** Drafts name local files; this uploads them and puts their digests in their place. */
import { resolve } from 'node:path';
import type { Terminal } from '../terminal/terminal.ts';
import type { ApiClient } from './client.ts';
import { uploadFile } from './upload-file.ts';

export interface DraftItem {
  /** Path of a local file, relative to the draft; taken out of what is sent. */
  readonly file?: unknown;
  readonly [field: string]: unknown;
}

export interface ItemUpload {
  readonly client: ApiClient;
  readonly terminal: Terminal;
  /** Directory that `file` is relative to. */
  readonly directory: string;
}

/** Items without `file` pass through: their blob is there already. */
export async function uploadItem(
  item: DraftItem,
  { client, terminal, directory }: ItemUpload,
): Promise<DraftItem> {
  const { file, ...rest } = item;
  if (typeof file !== 'string') return item;
  const { sha256, sm3, size } = await uploadFile(client, resolve(directory, file), terminal);
  return { ...rest, digests: { sha256, sm3 }, size };
}
