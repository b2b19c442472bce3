/** Many rows as a few parameters. */

/**
 * A column travels as one text, a line a row, an empty line for null: quoting each element of an array costs the
 * driver more than the rest of a batch. No cell may hold a newline (JSON escapes it, normal forms have none) or be
 * empty and not null. Read by `textColumn`.
 */
export function column<T>(rows: readonly T[], cell: (row: T) => string | number | null | undefined): string {
  return rows.map(cell).join('\n');
}

/** SQL for parameter n: text[] of what `column()` made. */
export function textColumn(n: number): string {
  return `string_to_array($${n}, E'\\n', '')`;
}
