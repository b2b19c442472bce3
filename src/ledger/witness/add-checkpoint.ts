/** The add-checkpoint request and its answers (c2sp.org/tlog-witness), as bytes. */
import { GatewayError } from '../../core/errors.ts';
import { HASH_BYTES } from '../tree/merkle.ts';

export interface AddCheckpoint {
  /** Size that the client believes the witness cosigned last. */
  readonly old: number;
  /** Consistency proof from `old` to the checkpoint's size. */
  readonly proof: readonly Buffer[];
  /** Signed note, byte for byte. */
  readonly checkpoint: string;
}

export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly mediaType: string;
  readonly body: string;
}

export const MAX_REQUEST_BYTES = 64 * 1024;
const MAX_PROOF_LINES = 63;

export function writeAddCheckpoint({ old, proof, checkpoint }: AddCheckpoint): string {
  const hashes = proof.map((hash) => `${hash.toString('base64')}\n`).join('');
  return `old ${old}\n${hashes}\n${checkpoint}`;
}

/** Untrusted `body`. Throws ledger.note-invalid. */
export function readAddCheckpoint(body: string): AddCheckpoint {
  const split = body.indexOf('\n\n');
  const [first = '', ...lines] = body.slice(0, Math.max(split, 0)).split('\n');
  const [, old] = /^old (0|[1-9]\d{0,15})$/.exec(first) ?? [];
  if (old === undefined || !Number.isSafeInteger(Number(old)) || lines.length > MAX_PROOF_LINES) {
    throw malformed('expected "old <size>" and at most 63 hashes before the checkpoint');
  }
  return { old: Number(old), proof: lines.map(readHash), checkpoint: body.slice(split + 2) };
}

export function cosigned(lines: readonly string[]): WitnessAnswer {
  return {
    status: 200,
    mediaType: 'text/plain; charset=utf-8',
    body: lines.map((line) => `${line}\n`).join(''),
  };
}

/** The client proves from there. */
export function conflict(latest: number): WitnessAnswer {
  return { status: 409, mediaType: 'text/x.tlog.size', body: `${latest}\n` };
}

export function refused(status: 400 | 403 | 404 | 422, why: string): WitnessAnswer {
  return { status, mediaType: 'text/plain; charset=utf-8', body: `${why}\n` };
}

/** Untrusted body of a 409; undefined when it names no size: the client then must not try again. */
export function readConflict(body: string): number | undefined {
  const [, size] = /^(0|[1-9]\d{0,15})\n$/.exec(body) ?? [];
  return size !== undefined && Number.isSafeInteger(Number(size)) ? Number(size) : undefined;
}

function readHash(line: string): Buffer {
  const bytes = Buffer.from(line, 'base64');
  if (bytes.length !== HASH_BYTES || bytes.toString('base64') !== line)
    throw malformed('a hash is malformed');
  return bytes;
}

function malformed(message: string): GatewayError {
  return new GatewayError('ledger.note-invalid', `add-checkpoint: ${message}`);
}
