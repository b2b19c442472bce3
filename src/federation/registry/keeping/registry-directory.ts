/** The directory where operators put `registry-<serial>.json` and the freshness signer puts `freshness.json`. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonValue } from '../../../core/canonical.ts';
import { parseStrictJson } from '../../../wire/json/strict-json.ts';

const REGISTRY_FILE = /^registry-([1-9][0-9]{0,15})\.json$/;
const FRESHNESS_FILE = 'freshness.json';

export interface RegistryDirectory {
  /** Files that are new or changed since the last call, by rising serial, each read as untrusted JSON. */
  changed(): Promise<readonly RegistryFile[]>;
  /** The highest serial among the names; 0 when there is none. */
  highest(): number;
  /** Asks for the file again at the next `changed()`: it could not be used yet. */
  forget(file: RegistryFile): void;
  freshness(): Promise<JsonValue | undefined>;
}

export interface RegistryFile {
  readonly name: string;
  readonly serial: number;
  read(): Promise<JsonValue>;
}

export function watchRegistryDirectory(directory: string): RegistryDirectory {
  const seen = new Map<string, string>();
  let highest = 0;
  return {
    highest: () => highest,
    forget: (file) => seen.delete(file.name),
    changed: async () => {
      const files = registryFiles(directory, await namesIn(directory));
      highest = files.at(-1)?.serial ?? 0;
      const marks = await Promise.all(files.map((file) => markOf(join(directory, file.name))));
      const fresh = files.filter((file, at) => seen.get(file.name) !== marks[at]);
      files.forEach((file, at) => seen.set(file.name, marks[at] ?? ''));
      return fresh;
    },
    freshness: async () => {
      const bytes = await readFile(join(directory, FRESHNESS_FILE)).catch(() => undefined);
      return bytes === undefined ? undefined : parseStrictJson(bytes);
    },
  };
}

function registryFiles(directory: string, names: readonly string[]): readonly RegistryFile[] {
  return names
    .flatMap((name) => {
      const serial = REGISTRY_FILE.exec(name)?.[1];
      if (serial === undefined) return [];
      const read = async (): Promise<JsonValue> => parseStrictJson(await readFile(join(directory, name)));
      return [{ name, serial: Number(serial), read }];
    })
    .sort((a, b) => a.serial - b.serial);
}

/** A directory that is not there holds nothing: the registry may come from peers. */
async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function markOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path);
  return `${ino} ${size} ${mtimeMs}`;
}
