/** Reads a JSON file that a person wrote, through the same gate as everything else. */
import { readFile } from 'node:fs/promises';
import type { JsonValue } from '../core/canonical.ts';
import { parseStrictJson } from '../wire/json/strict-json.ts';

export async function readJsonFile(path: string): Promise<JsonValue> {
  return parseStrictJson(await readFile(path));
}

/** Throws when the file holds no JSON object. What is in it is judged by whoever gets it: the schema, or the gateway. */
export async function readJsonObject<Shape extends object>(path: string): Promise<Shape> {
  const value = await readJsonFile(path);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Error(`${path}: expected a JSON object`);
  }
  return value as unknown as Shape;
}
