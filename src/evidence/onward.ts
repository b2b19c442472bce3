/** Keeps to the onward rule: what came from one member goes on to another only as its sender's grant has it. */
import { GatewayError } from '../core/errors.ts';
import type { GroupId, MemberId } from '../core/ids.ts';
import { decide, refusalError } from '../federation/grants.ts';
import type { ReceivedContent } from '../federation/grants/onward.ts';
import { approvalsOf } from './approvals/approvals-held.ts';
import type { EvidenceDeps } from './evidence-deps.ts';
import { receivedAmong, type ReceivedRow } from './store/received-store.ts';

export interface Leaving {
  readonly group: GroupId;
  readonly purpose: string;
  readonly legalBasis: readonly string[];
  /** Everybody it will reach. */
  readonly to: readonly MemberId[];
  /** SHA-256 of the files, hex. */
  readonly digests: readonly string[];
}

type OnwardDeps = Pick<EvidenceDeps, 'database' | 'registry' | 'member' | 'clock'>;

/**
 * Bytes are known by their digest: an altered copy is another file here, and a breach that the ledgers do not show.
 * Going back to who gave it is not going on. Throws grant.onward-*, onward.answer-invalid, and what decide() refuses
 * beside.
 */
export async function assertOnward(deps: OnwardDeps, leaving: Leaving): Promise<void> {
  const rows = await receivedAmong(deps.database, leaving.digests);
  if (rows.length === 0) return;
  const approvals = await approvalsOf(deps, leaving.digests);
  for (const row of rows) {
    const approved = approvals.filter(({ sha256 }) => sha256 === row.sha256);
    for (const to of leaving.to)
      if (to !== row.sender) assertMayGoOn(deps, { ...leaving, to, approved }, row);
  }
}

interface LeavingTo extends Omit<Leaving, 'to'> {
  readonly to: MemberId;
  readonly approved: ReceivedContent['approvals'] & object;
}

function assertMayGoOn({ registry, member, clock }: OnwardDeps, leaving: LeavingTo, row: ReceivedRow): void {
  const { group, purpose, legalBasis, to, approved } = leaving;
  const request = { member, right: 'transfer', kind: 'packet-offer', personal: false } as const;
  const received = [{ ...contentOf(row), approvals: approved }];
  const decision = decide(
    { ...request, to, group, purpose, legalBasis, received },
    registry.current(),
    clock(),
  );
  if (decision.permit) return;
  const refused = refusalError(decision, `file ${row.sha256}, received from ${row.sender}`);
  const facts = { from: row.sender, packetId: row.packet_id, sha256: row.sha256, grant: row.grant_id, to };
  throw new GatewayError(refused.code, refused.message, { facts: { ...facts, unmet: decision.unmet } });
}

function contentOf({ sender, group_id, grant_id, purpose, declared }: ReceivedRow): ReceivedContent {
  const content = { from: sender, group: group_id, grant: grant_id ?? '', purpose };
  return declared === null ? content : { ...content, declared };
}
