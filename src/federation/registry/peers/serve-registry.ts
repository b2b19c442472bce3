/** Answers `/x/v1/registry`: documents from a serial on, and the freshness statement; nothing in it is secret among members. */
import type { JsonValue } from '../../../core/canonical.ts';
import type { MemberId } from '../../../core/ids.ts';
import type { RegistryDocument } from '../registry-document.ts';
import type { RegistryKeeper } from '../registry-keeper.ts';

/** As schemas/registry-request.json admits it. */
export interface RegistryRequest {
  readonly from: number;
  readonly limit: number;
  /** The newest that the caller holds. */
  readonly held: { readonly serial: number; readonly sha256: string };
}

/** As schemas/registry-answer.json admits it. */
export interface RegistryAnswer {
  readonly serial: number;
  readonly sha256: string;
  readonly documents: readonly RegistryDocument[];
  /** Whether there are documents beyond these. */
  readonly more: boolean;
  readonly freshness: JsonValue;
}

export type ServedKeeper = Pick<RegistryKeeper, 'current' | 'at' | 'document' | 'freshness'>;

/** The first document is served whatever its size, so that a caller always gets on. */
const PAGE_BYTES = 512 * 1024;

export function registryAnswer(registry: ServedKeeper, { from, limit }: RegistryRequest): RegistryAnswer {
  const { serial, sha256 } = registry.current();
  const documents: RegistryDocument[] = [];
  let next = from;
  for (let bytes = 0; next <= serial && documents.length < limit; next++) {
    const document = registry.document(next);
    if (document === undefined) break;
    bytes += document.payload.length;
    if (bytes > PAGE_BYTES && documents.length > 0) break;
    documents.push(document);
  }
  const more = registry.document(next) !== undefined;
  return { serial, sha256, documents, more, freshness: registry.freshness() ?? null };
}

/** Whether the caller's word gives reason to ask it: it has a newer registry, or another one under a serial of ours. */
export function worthAsking(registry: ServedKeeper, { held }: RegistryRequest): boolean {
  if (held.serial > registry.current().serial) return true;
  const ours = registry.at(held.serial);
  return ours !== undefined && ours.sha256 !== held.sha256;
}

export interface RegistryServer {
  answer(request: RegistryRequest, caller: MemberId): RegistryAnswer;
  /** A caller's `reg` claim is newer than what we hold: asked for in the background. */
  noticeNewer(peer: MemberId): void;
}

export function createRegistryServer(
  registry: ServedKeeper,
  noticeNewer: (peer: MemberId) => void,
): RegistryServer {
  return {
    answer: (request, caller) => {
      if (worthAsking(registry, request)) noticeNewer(caller);
      return registryAnswer(registry, request);
    },
    noticeNewer,
  };
}
