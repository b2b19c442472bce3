/** `lianzheng packet check`: is a draft complete, before anything is uploaded? */
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import type { JsonObject, JsonValue } from '../../../core/canonical.ts';
import { isGatewayError } from '../../../core/errors.ts';
import { DRAFT_SCHEMA } from '../../../evidence/packet-types.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { readJsonObject } from '../../read-json-file.ts';

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly facts?: object;
}

const NO_DIGEST = '0'.repeat(64);

export function packetCheckCommand(cli: Cli): Command {
  return new Command('check')
    .summary('check a draft offline')
    .description(
      'Holds a draft against schemas/packet-draft.json and looks for the files it names. What needs the registry (roles, ' +
        'grants) is checked by the gateway when the packet is assembled; a finished bundle by lianzheng verify.',
    )
    .argument('<draft>', 'JSON file of the draft')
    .addHelpText('after', '\nExample:\n  lianzheng packet check draft.json')
    .action(acting(cli, (file: string) => check(cli, file)));
}

async function check(cli: Cli, file: string): Promise<Outcome> {
  const draft = await readJsonObject<JsonObject>(file);
  const items = Array.isArray(draft['items']) ? (draft['items'] as readonly JsonValue[]) : [];
  const missing = await Promise.all(items.map((item, at) => missingFile(item, at, dirname(file))));
  const findings = [...missing.flat(), ...breaches(cli, { ...draft, items: items.map(withDigests) })];
  const exitCode = findings.length === 0 ? 0 : 1;
  const lines = findings.map(
    ({ code, message, facts }) => `${code}: ${message} ${JSON.stringify(facts ?? {})}`,
  );
  return { exitCode, json: { findings }, lines: exitCode === 0 ? ['the draft is complete'] : lines };
}

async function missingFile(item: JsonValue, at: number, directory: string): Promise<Finding[]> {
  const file = fieldOf(item, 'file');
  if (typeof file !== 'string') return [];
  const path = resolve(directory, file);
  const there = await access(path).then(
    () => true,
    () => false,
  );
  return there ? [] : [{ code: 'blob.not-found', message: `item ${at + 1}: there is no file ${path}` }];
}

/** As `assemble` will send it, with a digest that is not known yet. */
function withDigests(item: JsonValue): JsonValue {
  if (typeof fieldOf(item, 'file') !== 'string') return item;
  const rest = Object.entries(item as JsonObject).filter(([name]) => name !== 'file');
  return { ...Object.fromEntries(rest), digests: { sha256: NO_DIGEST } };
}

function fieldOf(item: JsonValue, name: string): JsonValue | undefined {
  return item === null || typeof item !== 'object' || Array.isArray(item)
    ? undefined
    : (item as JsonObject)[name];
}

function breaches(cli: Cli, draft: JsonObject): Finding[] {
  try {
    cli.hooks.schemas().validate(DRAFT_SCHEMA, draft);
    return [];
  } catch (error) {
    if (!isGatewayError(error, 'schema.invalid')) throw error;
    return [{ code: error.code, message: error.message, facts: error.facts }];
  }
}
