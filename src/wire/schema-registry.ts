/** JSON Schema 2020-12 documents of schemas/, compiled once at start; never a schema from a stranger. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { canonicalBytes, type JsonObject, type JsonValue } from '../core/canonical.ts';
import { sha256Hex } from '../core/digest.ts';
import { GatewayError } from '../core/errors.ts';
import { superlinearPart } from './json/linear-pattern.ts';
import { parseStrictJson } from './json/strict-json.ts';

export interface SchemaRegistry {
  /** Throws `schema.unknown`, or `schema.invalid` with facts {schema, path, rule, property?}. */
  validate(id: string, value: unknown): void;
  /** Hex SHA-256 of the schema's canonical JSON, as the registry lists it. Throws `schema.unknown`. */
  digest(id: string): string;
  ids(): string[];
}

interface LoadedSchema {
  readonly digest: string;
  readonly check: ValidateFunction;
}

const SCHEMA_ID = /^urn:lianzheng:schema:[a-z0-9.-]{1,64}:\d{1,4}\.\d{1,4}\.\d{1,4}$/;

/** Reads every *.json below `directory`. Throws `config.invalid` when one is no fit schema; the gateway then does not start. */
export function loadSchemas(directory: string): SchemaRegistry {
  const documents = jsonFiles(directory).map(readSchema);
  const ajv = compiler();
  for (const document of documents) ajv.addSchema(document);
  const loaded = new Map(documents.map((document) => compile(ajv, document)));
  const find = (id: string): LoadedSchema => {
    const schema = loaded.get(id);
    if (schema === undefined)
      throw new GatewayError('schema.unknown', `no schema ${id}`, { facts: { schema: id } });
    return schema;
  };
  return {
    validate: (id, value) => validate(id, find(id), value),
    digest: (id) => find(id).digest,
    ids: () => [...loaded.keys()],
  };
}

/** `$ref` stays inside the directory: there is no loadSchema. strictTypes would forbid `required` inside `oneOf`. */
function compiler(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: false, logger: false });
  addFormats.default(ajv);
  return ajv;
}

function jsonFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(directory, name));
}

function readSchema(file: string): JsonObject & { readonly $id: string } {
  const schema = parseStrictJson(readFileSync(file)) as JsonObject;
  const id = schema['$id'];
  if (typeof id !== 'string' || !SCHEMA_ID.test(id)) {
    throw new GatewayError('config.invalid', `${file}: expected $id urn:lianzheng:schema:<name>:<semver>`);
  }
  refuseSuperlinear(schema, file);
  return { ...schema, $id: id };
}

function refuseSuperlinear(node: JsonValue, file: string): void {
  if (node === null || typeof node !== 'object') return;
  const { pattern, patternProperties } = node as JsonObject;
  const patterns = [
    ...(typeof pattern === 'string' ? [pattern] : []),
    ...Object.keys(patternProperties ?? {}),
  ];
  for (const one of patterns) {
    const part = superlinearPart(one);
    if (part !== undefined) throw new GatewayError('config.invalid', `${file}: pattern ${one} has a ${part}`);
  }
  for (const child of Object.values(node)) refuseSuperlinear(child, file);
}

function compile(ajv: Ajv2020, document: JsonObject & { readonly $id: string }): [string, LoadedSchema] {
  try {
    const check = ajv.compile({ $ref: document.$id });
    return [document.$id, { digest: sha256Hex(canonicalBytes(document)), check }];
  } catch (cause) {
    throw new GatewayError('config.invalid', `schema ${document.$id} does not compile: ${String(cause)}`, {
      cause,
    });
  }
}

function validate(id: string, schema: LoadedSchema, value: unknown): void {
  if (schema.check(value)) return;
  const facts = { schema: id, ...placeOf(schema.check.errors?.[0]) };
  throw new GatewayError('schema.invalid', `${facts.path}: ${facts.problem}`, { facts });
}

/** Where and why; never the value itself. */
function placeOf(error: ErrorObject | undefined): {
  readonly path: string;
  readonly rule: string;
  readonly problem: string;
} {
  const path = error?.instancePath === undefined || error.instancePath === '' ? '/' : error.instancePath;
  const beside = (error?.params as { additionalProperty?: string } | undefined)?.additionalProperty;
  const problem = error?.message ?? 'does not fit the schema';
  return {
    path,
    rule: error?.keyword ?? '',
    problem: beside === undefined ? problem : `${problem}: ${beside}`,
  };
}
