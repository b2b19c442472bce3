/** Rows of adopted registries and of documents kept as evidence against a rollback, a fork or a freeze. */
import type { Queryable } from '../../storage/database.ts';
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

const COLUMNS = `id, code, serial, sha256, document, seen_at AS "seenAt", source, held_sha256 AS "heldSha256",
  stops_traffic AS "stopsTraffic", resolved_at AS "resolvedAt", resolution`;

export async function listEvidence(database: Queryable): Promise<readonly KeptEvidence[]> {
  const { rows } = await database.query<KeptEvidence>(`SELECT ${COLUMNS} FROM registry_evidence ORDER BY id`);
  return rows;
}

/** What stops traffic now, oldest first; the documents stay in the database. */
export async function openForks(
  database: Queryable,
): Promise<readonly Pick<KeptEvidence, 'id' | 'serial' | 'sha256'>[]> {
  const { rows } = await database.query<Pick<KeptEvidence, 'id' | 'serial' | 'sha256'>>(
    'SELECT id, serial, sha256 FROM registry_evidence WHERE stops_traffic AND resolved_at IS NULL ORDER BY id',
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

/** Resolutions that the ledger does not have yet; marks them as logged. To be called in the transaction that logs them. */
export async function takeResolved(tx: Queryable): Promise<readonly KeptEvidence[]> {
  const { rows } = await tx.query<KeptEvidence>(
    `UPDATE registry_evidence SET resolution_logged = true
     WHERE resolved_at IS NOT NULL AND NOT resolution_logged RETURNING ${COLUMNS}`,
  );
  return rows;
}

function textOf(document: RegistryDocument): string {
  return JSON.stringify(document);
}
