/** Rows of adopted registries and of documents kept as evidence against a rollback or a fork. */
import type { Queryable } from '../../storage/database.ts';
import type { RegistryDocument, VerifiedRegistry } from '../registry-document.ts';

export interface StoredRegistry {
  readonly serial: number;
  readonly sha256: string;
  readonly document: string;
}

export interface RegistryEvidence {
  readonly code: 'registry.rollback' | 'registry.fork';
  readonly serial: number;
  readonly sha256: string;
  readonly document: string;
  readonly seenAt: Date;
}

/** All adopted registries by rising serial. */
export async function adoptedRegistries(database: Queryable): Promise<readonly StoredRegistry[]> {
  const text = 'SELECT serial, sha256, document FROM registry ORDER BY serial';
  return (await database.query<StoredRegistry>(text)).rows;
}

/** False when another process of this gateway was first. */
export async function insertRegistry(
  tx: Queryable,
  registry: VerifiedRegistry,
  { at, ledgerKey }: { readonly at: Date; readonly ledgerKey: Buffer },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO registry (serial, sha256, document, adopted_at, ledger_key)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (serial) DO NOTHING`,
    [registry.body.serial, registry.sha256, textOf(registry.document), at, ledgerKey],
  );
  return rowCount === 1;
}

/** Keeps one row for each refused payload and reason; true when it is new. */
export async function insertEvidence(database: Queryable, evidence: RegistryEvidence): Promise<boolean> {
  const { rowCount } = await database.query(
    `INSERT INTO registry_evidence (code, serial, sha256, document, seen_at)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (code, sha256) DO NOTHING`,
    [evidence.code, evidence.serial, evidence.sha256, evidence.document, evidence.seenAt],
  );
  return rowCount === 1;
}

export async function listEvidence(database: Queryable): Promise<readonly RegistryEvidence[]> {
  const { rows } = await database.query<RegistryEvidence>(
    'SELECT code, serial, sha256, document, seen_at AS "seenAt" FROM registry_evidence ORDER BY id',
  );
  return rows;
}

function textOf(document: RegistryDocument): string {
  return JSON.stringify(document);
}
