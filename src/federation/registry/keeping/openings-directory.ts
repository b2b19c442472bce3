/** The directory where a gateway keeps the openings of the hidden groups that its member is in. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SchemaRegistry } from '../../../wire/schema-registry.ts';
import { parseStrictJson } from '../../../wire/json/strict-json.ts';
import type { GroupOpenings } from '../hidden-groups.ts';

export const OPENINGS_SCHEMA = 'urn:lianzheng:schema:group-openings:1.0.0';

/** Every document there; throws json.*, schema.invalid and what the file system throws. */
export async function readOpenings(
  directory: string,
  { alliance, schemas }: { readonly alliance: string; readonly schemas: SchemaRegistry },
): Promise<readonly GroupOpenings[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  const documents = await Promise.all(names.map((name) => readOpeningsFile(join(directory, name), schemas)));
  return documents.filter((document) => document.alliance === alliance);
}

/** Untrusted as every file; which member is in the group only the registry's commitments say. */
export async function readOpeningsFile(path: string, schemas: SchemaRegistry): Promise<GroupOpenings> {
  const value = parseStrictJson(await readFile(path));
  schemas.validate(OPENINGS_SCHEMA, value);
  return value as unknown as GroupOpenings;
}
