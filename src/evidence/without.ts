/** A value without some of its members. */
export function without<T extends object, K extends keyof T & string>(
  value: T,
  ...names: readonly K[]
): Omit<T, K> {
  const kept = Object.entries(value).filter(([name]) => !(names as readonly string[]).includes(name));
  return Object.fromEntries(kept) as Omit<T, K>;
}
