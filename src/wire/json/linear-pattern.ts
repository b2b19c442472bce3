/** Refuses regular expressions that V8 may match in exponential time; schemas check texts of strangers. */

interface Group {
  /** Holds an alternative or a repetition without upper bound. */
  ambiguous: boolean;
}

/**
 * Names what makes `pattern` unsafe: a group that repeats without bound and itself holds `|`, `*`, `+` or `{n,}`;
 * a back-reference; a look-around. Undefined when nothing does. Conservative: some safe patterns are named too.
 */
export function superlinearPart(pattern: string): string | undefined {
  const open: Group[] = [{ ambiguous: false }];
  for (let i = 0; i < pattern.length; i++) {
    const top = open.at(-1) as Group;
    const character = pattern[i];
    if (character === '\\') {
      i++;
      if (/[1-9k]/.test(pattern[i] ?? '')) return `back-reference at ${i}`;
    } else if (character === '[') {
      i = endOfClass(pattern, i);
    } else if (character === '(') {
      if (/^\(\?(?:[=!]|<[=!])/.test(pattern.slice(i, i + 4))) return `look-around at ${i}`;
      open.push({ ambiguous: false });
    } else if (character === ')') {
      open.pop();
      const repeated = isUnbounded(pattern, i + 1);
      if (repeated && top.ambiguous) return `repeated group that ends at ${i}`;
      if (repeated || top.ambiguous) (open.at(-1) ?? top).ambiguous = true;
    } else if (character === '|' || isUnbounded(pattern, i)) {
      top.ambiguous = true;
    }
  }
  return undefined;
}

function endOfClass(pattern: string, start: number): number {
  let i = start + 1;
  while (i < pattern.length && pattern[i] !== ']') i += pattern[i] === '\\' ? 2 : 1;
  return i;
}

function isUnbounded(pattern: string, at: number): boolean {
  return /^(?:[*+]|\{\d+,\})/.test(pattern.slice(at, at + 16));
}
