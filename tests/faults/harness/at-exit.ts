/** What must not outlive this process: one listener for all of it, run last in, first out. */

/** Hangs on the global object: mocha may load this file as two modules. */
const run = globalThis as { lianzhengAtExit?: Set<() => void> };

/** Registers `end`, which must be synchronous; the function it returns takes it off again. */
export function atExit(end: () => void): () => void {
  run.lianzhengAtExit ??= listening();
  const ends = run.lianzhengAtExit;
  ends.add(end);
  return () => void ends.delete(end);
}

function listening(): Set<() => void> {
  const ends = new Set<() => void>();
  process.once('exit', () => {
    for (const end of [...ends].reverse()) end();
  });
  // mocha hears SIGINT itself; these would end us without an exit event.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  return ends;
}
