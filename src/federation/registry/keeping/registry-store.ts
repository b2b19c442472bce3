/** Rows of adopted registries and of documents kept as evidence against a rollback, a fork or a freeze. */
import type { Queryable } from '../../../storage/database.ts';
import type { RegistryDocument, VerifiedRegistry } from '../registry-document.ts';

/** `directory`, or the member that served it. */
export type RegistrySource = string;

export interface StoredRegistry {
  readonly serial: number;
  readonly sha256: string;
  readonly document: string;
  readonly source: RegistrySource;
  readonly adoptedAt: Date;
}

/** `stated-fork`: the freshness signer names another payload under a serial that we hold. */
export type EvidenceCode = 'registry.rollback' | 'registry.fork' | 'registry.stated-fork' | 'registry.freeze';

export interface RegistryEvidence {
  readonly code: EvidenceCode;
  readonly serial: number;
  /** Of the payload that contradicts ours; of the answer where a peer is frozen. */
  readonly sha256: string;
  readonly document: string;
  readonly seenAt: Date;
  readonly source: RegistrySource;
  /** What we hold under the same serial. */
  readonly heldSha256: string | null;
  readonly stopsTraffic: boolean;
}

export interface KeptEvidence extends RegistryEvidence {
  readonly id: number;
  readonly resolvedAt: Date | null;
  readonly resolution: string | null;
  /** Whether it stops traffic now. */
  readonly open: boolean;
}

/** All adopted registries by rising serial. */
export async function adoptedRegistries(database: Queryable): Promise<readonly StoredRegistry[]> {
  const text = `SELECT serial, sha256, document, source, adopted_at AS "adoptedAt" FROM registry ORDER BY serial`;
  return (await database.query<StoredRegistry>(text)).rows;
}

export interface AdoptionFacts {
  readonly at: Date;
  readonly ledgerKey: Buffer;
  readonly source: RegistrySource;
}

/** False when another process of this gateway was first. */
export async function insertRegistry(
  tx: Queryable,
  registry: VerifiedRegistry,
  { at, ledgerKey, source }: AdoptionFacts,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO registry (serial, sha256, document, adopted_at, ledger_key, source)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (serial) DO NOTHING`,
    [registry.body.serial, registry.sha256, textOf(registry.document), at, ledgerKey, source],
  );
  return rowCount === 1;
}

/** Keeps one row for each refused payload and reason; true when it is new. */
export async function insertEvidence(database: Queryable, evidence: RegistryEvidence): Promise<boolean> {
  const { code, serial, sha256, document, seenAt, source, heldSha256, stopsTraffic } = evidence;
  const { rowCount } = await database.query(
    `INSERT INTO registry_evidence (code, serial, sha256, document, seen_at, source, held_sha256, stops_traffic)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (code, sha256) DO NOTHING`,
    [code, serial, sha256, document, seenAt, source, heldSha256, stopsTraffic],
  );
  return rowCount === 1;
}

/** Who resolved one piece of evidence has spoken about that payload, however it is shown again. */
const OPEN = `(e.stops_traffic AND NOT EXISTS (
  SELECT 1 FROM registry_evidence r WHERE r.sha256 = e.sha256 AND r.resolved_at IS NOT NULL))`;
const COLUMNS = `id, code, serial, sha256, document, seen_at AS "seenAt", source, held_sha256 AS "heldSha256",
  stops_traffic AS "stopsTraffic", resolved_at AS "resolvedAt", resolution, ${OPEN} AS open`;

export async function listEvidence(database: Queryable): Promise<readonly KeptEvidence[]> {
  const { rows } = await database.query<KeptEvidence>(
    `SELECT ${COLUMNS} FROM registry_evidence e ORDER BY id`,
  );
  return rows;
}

/** What stops traffic now, oldest first; the documents stay in the database. */
export async function openForks(
  database: Queryable,
): Promise<readonly Pick<KeptEvidence, 'id' | 'serial' | 'sha256'>[]> {
  const { rows } = await database.query<Pick<KeptEvidence, 'id' | 'serial' | 'sha256'>>(
    `SELECT id, serial, sha256 FROM registry_evidence e WHERE ${OPEN} ORDER BY id`,
  );
  return rows;
}

/** False when there is no such evidence, or it has been resolved already. */
export async function resolveEvidence(
  database: Queryable,
  id: number,
  { at, resolution }: { readonly at: Date; readonly resolution: string },
): Promise<boolean> {
  const { rowCount } = await database.query(
    `UPDATE registry_evidence SET resolved_at = $2, resolution = $3 WHERE id = $1 AND resolved_at IS NULL`,
    [id, at, resolution],
  );
  return rowCount === 1;
}

/**
 * Puts the registry of the evidence in place of ours; what we held from that serial on stays as evidence. For a gateway
 * that is not running: one that runs has its registries in memory. False when the evidence is no registry.
 */
export async function takeTheirs(
  tx: Queryable,
  { id, at, resolution }: { readonly id: number; readonly at: Date; readonly resolution: string },
): Promise<boolean> {
  const found = await tx.query<{ serial: number }>(
    `SELECT serial FROM registry_evidence WHERE id = $1 AND code = 'registry.fork' AND resolved_at IS NULL`,
    [id],
  );
  const serial = found.rows[0]?.serial;
  if (serial === undefined) return false;
  await tx.query(
    `INSERT INTO registry_evidence
       (code, serial, sha256, document, seen_at, source, stops_traffic, resolved_at, resolution, resolution_logged)
     SELECT 'registry.fork', serial, sha256, document, $2, source, true, $2, $3, true FROM registry WHERE serial >= $1
     ON CONFLICT (code, sha256) DO NOTHING`,
    [serial, at, resolution],
  );
  await tx.query('DELETE FROM registry WHERE serial >= $1', [serial]);
  await tx.query(
    `INSERT INTO registry (serial, sha256, document, adopted_at, ledger_key, source)
     SELECT serial, sha256, document, $2, decode(sha256, 'hex'), source FROM registry_evidence WHERE id = $1`,
    [id, at],
  );
  return resolveEvidence(tx, id, { at, resolution });
}

/** Whether there is something for `takeResolved`. */
export async function anyResolved(database: Queryable): Promise<boolean> {
  const { rows } = await database.query(
    'SELECT 1 FROM registry_evidence WHERE resolved_at IS NOT NULL AND NOT resolution_logged LIMIT 1',
  );
  return rows.length > 0;
}

/** Resolutions that the ledger does not have yet; marks them as logged. To be called in the transaction that logs them. */
export async function takeResolved(tx: Queryable): Promise<readonly KeptEvidence[]> {
  const { rows } = await tx.query<KeptEvidence>(
    `UPDATE registry_evidence e SET resolution_logged = true
     WHERE resolved_at IS NOT NULL AND NOT resolution_logged RETURNING ${COLUMNS}`,
  );
  return rows;
}

function textOf(document: RegistryDocument): string {
  return JSON.stringify(document);
}
