/** Which fields of two values differ, one line each. */
import { canonicalJson } from '../../core/canonical.ts';

/** One line for each field whose value is another. */
export function fieldChanges<T extends object>(
  what: string,
  before: T,
  after: T,
  except: readonly (keyof T)[] = [],
): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof T & string)[];
  return names
    .filter((name) => !except.includes(name) && shown(before[name]) !== shown(after[name]))
    .map((name) => `${what}: ${name} ${shown(before[name])} -> ${shown(after[name])}`);
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  return typeof value === 'string' ? value : canonicalJson(value);
}
