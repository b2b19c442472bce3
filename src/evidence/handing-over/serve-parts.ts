/** Serves parts of a bundle to the one member it was offered to; the ledger notes the pull, not each part. */
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { GatewayError } from '../../core/errors.ts';
import { decide } from '../../federation/grants.ts';
import type { MemberId } from '../../core/ids.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import type { RequestClaims } from '../../wire/exchange-token.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { partRange } from '../making/part-digests.ts';
import { recordAct, refOf } from '../record-act.ts';
import { claimServing, servedBundle, type ServedBundle } from '../store/transfer-store.ts';

export interface PartRequest {
  readonly from: MemberId;
  readonly transfer: string;
  /** Hex, of the bundle. */
  readonly sha256: string;
  readonly n: number;
  readonly claims: RequestClaims;
  readonly token: string;
}

export interface ServedPart {
  readonly body: { readonly stream: Readable; readonly length: number; readonly sha256: string };
  readonly receipt: EntryRef;
  /** Throws grant.refused when by the registry of now the offer stands no more. */
  readonly standing?: () => void;
}

export interface PartServer {
  /**
   * Throws part.not-found for everything that was not offered to `from`, whether it exists or not; grant.refused where
   * the group or the grant under which it was offered has ended.
   */
  open(request: PartRequest): Promise<ServedPart>;
}

type ServeDeps = Pick<EvidenceDeps, 'database' | 'ledger' | 'registry' | 'member' | 'clock' | 'blobs'>;

const REMEMBERED = 256;

export function createPartServer(deps: ServeDeps): PartServer {
  // Both are immutable once they exist; the caller's standing is checked per request before this.
  const bundles = new Map<string, ServedBundle>();
  const receipts = new Map<string, Promise<EntryRef>>();
  return {
    open: async (request) => {
      const bundle = await remember(bundles, request.transfer, () => offered(deps, request));
      const digest = assertOffered(bundle, request);
      const standing = (): void => assertStillGranted(deps, request.from, bundle);
      standing();
      const receipt = await once(receipts, `${request.from} ${request.claims.mid} ${request.transfer}`, () =>
        recordPull(deps, request, bundle),
      );
      const range = partRange(request.n, { size: bundle.bundle_size, partSize: bundle.part_size });
      const stream = deps.blobs.read(bundle.bundle_sha256, range);
      return { body: { stream, length: range.end - range.start, sha256: digest }, receipt, standing };
    },
  };
}

async function offered(deps: ServeDeps, request: PartRequest): Promise<ServedBundle> {
  const bundle = await servedBundle(deps.database, request.transfer);
  if (bundle === undefined) throw notFound();
  return bundle;
}

/** Returns the digest of the part. */
function assertOffered(bundle: ServedBundle, request: PartRequest): string {
  const { from, sha256, n, claims } = request;
  const digest = bundle.parts[n];
  const asked = bundle.recipient === from && bundle.bundle_sha256 === sha256;
  if (!asked || digest === undefined) throw notFound();
  if (bundle.group_id !== claims.grp || bundle.purpose !== claims.pur) throw notFound();
  return digest;
}

/** An offer made long ago is answered by the registry of now: both in the group, and our grant to transfer not withdrawn. */
function assertStillGranted(deps: ServeDeps, from: MemberId, bundle: ServedBundle): void {
  const view = deps.registry.current();
  const { group_id: group, purpose, legal_basis: legalBasis, grade } = bundle;
  const request = { member: deps.member, right: 'transfer', kind: 'packet-offer', personal: false } as const;
  const decision = decide({ ...request, group, purpose, legalBasis, grade }, view, deps.clock());
  const unmet = decision.permit ? 'group-member' : decision.unmet;
  if (decision.permit && view.active(from) && view.inGroup(group, from)) return;
  throw new GatewayError('grant.refused', `the offer stands no more: the condition ${unmet} is not met`, {
    facts: { unmet },
  });
}

/** One entry a pull, whichever part comes first and however often the puller resumes. */
async function recordPull(deps: ServeDeps, request: PartRequest, bundle: ServedBundle): Promise<EntryRef> {
  const { from, claims, transfer } = request;
  const { ofr } = claims;
  if (ofr === null || ofr.origin !== deps.registry.current().member(from)?.ledger.origin) {
    throw new GatewayError('token.claims-refused', 'ofr must name the entry that opened the pull', {
      facts: { claim: 'ofr' },
    });
  }
  const serving = await deps.database.transaction(async (tx) => {
    const pull = { puller: from, id: claims.mid, transfer };
    const claimed = await claimServing(tx, pull, { key: randomBytes(32), at: deps.clock() });
    if (claimed === undefined) throw notFound();
    if (!claimed.first) return claimed.key;
    const act = {
      kind: 'pull.served',
      actor: 'gateway',
      peer: from,
      group: bundle.group_id,
      purpose: bundle.purpose,
      pair: { peer: from, dir: 'in' as const },
      mid: claims.mid,
      counter: ofr,
      subject: {
        type: 'bundle',
        id: bundle.packet_id,
        sha256: bundle.bundle_sha256,
        size: bundle.bundle_size,
      },
    };
    return recordAct(deps, tx, act, claimed.key);
  });
  return refOf(await deps.ledger.settle(serving));
}

function notFound(): GatewayError {
  return new GatewayError('part.not-found', 'no such part was offered to you');
}

async function remember<T>(known: Map<string, T>, key: string, find: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? (await find());
  forgetOldest(known);
  known.set(key, found);
  return found;
}

/** Parts of one pull are asked for side by side: they share one entry, and a failure is not remembered. */
function once<T>(known: Map<string, Promise<T>>, key: string, work: () => Promise<T>): Promise<T> {
  const running = known.get(key);
  if (running !== undefined) return running;
  forgetOldest(known);
  const started = work();
  known.set(key, started);
  started.catch(() => known.delete(key));
  return started;
}

function forgetOldest(known: Map<string, unknown>): void {
  if (known.size < REMEMBERED) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}
