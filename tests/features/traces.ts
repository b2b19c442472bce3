/** Looks for what was erased in every row of a gateway's database. */
import assert from 'node:assert/strict';
import type { Database } from '../../src/storage/database.ts';

/** Tables with a row whose text holds one of `marks`. */
export async function tracesOf(database: Database, marks: readonly string[]): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'knex%'`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    for (const mark of marks) {
      const hit = await database.query(`SELECT 1 FROM "${name}" AS r WHERE strpos(r::text, $1) > 0 LIMIT 1`, [
        mark,
      ]);
      if (hit.rows.length > 0) found.push(`${name}: ${mark}`);
    }
  }
  return found;
}

/** Every secret that a gateway keeps about its personal values, before they are erased. */
export async function secretsOf(database: Database, value: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ salt: string; lookup: string }>(
    `SELECT encode(d.salt, 'hex') AS salt, encode(coalesce(f.lookup, s.lookup), 'hex') AS lookup
       FROM feature_disclosure d
       LEFT JOIN feature f ON f.batch = d.batch AND f.position = d.position
       LEFT JOIN feature_sighting s ON s.batch = d.batch AND s.position = d.position
      WHERE d.value = $1`,
    [value],
  );
  assert.notEqual(rows.length, 0, 'the value was there');
  return [value, ...rows.flatMap(({ salt, lookup }) => [salt, lookup])];
}
