/** Rows about bytes that came from other members: which files, in which packet, under which rule. */
import type { Queryable } from '../../storage/database.ts';

export interface ReceivedRow {
  /** Hex. */
  readonly sha256: string;
  readonly packet_id: string;
  readonly sender: string;
  readonly group_id: string;
  /** Null: from before the grant was kept. */
  readonly grant_id: string | null;
  readonly purpose: string;
  /** Null for the bundle itself before its packet was read. */
  readonly declared: 'none' | 'same-purpose' | 'approval' | null;
}

/**
 * Notes the files of a packet that came in. What one of our own packets carried before is ours: it comes back, it is
 * not received.
 */
export async function insertReceived(
  tx: Queryable,
  packet: { readonly id: string; readonly files: readonly string[]; readonly declared: string },
): Promise<void> {
  await tx.query(
    `INSERT INTO received_content (sha256, packet_id, sender, group_id, grant_id, purpose, declared)
     SELECT f.sha256, p.packet_id, p.sender, p.group_id, p.grant_id, p.purpose, $3
       FROM packet_inbound p, unnest($2::text[]) AS f (sha256)
      WHERE p.packet_id = $1 AND NOT EXISTS (
        SELECT FROM packet own WHERE own.files @> jsonb_build_array(jsonb_build_object('sha256', f.sha256)))
     ON CONFLICT DO NOTHING`,
    [packet.id, packet.files, packet.declared],
  );
}

/** Where bytes with these digests came from: as a file of a packet, or as a whole bundle, verified or not. */
export async function receivedAmong(
  db: Queryable,
  digests: readonly string[],
): Promise<readonly ReceivedRow[]> {
  const found = await db.query<ReceivedRow>(
    `SELECT sha256, packet_id, sender, group_id, grant_id, purpose, declared FROM received_content
      WHERE sha256 = ANY ($1)
     UNION ALL
     SELECT bundle_sha256, packet_id, sender, group_id, grant_id, purpose, NULL FROM packet_inbound
      WHERE bundle_sha256 = ANY ($1)`,
    [digests],
  );
  return found.rows;
}
