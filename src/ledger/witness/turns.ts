/** Turns of one process: what concerns the same log runs one after the other. */

/** One request of a log at a time: those that wait for its row would hold the pool's connections. */
export function createTurns(): <T>(origin: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (origin, work) => {
    const before = last.get(origin);
    const mine = before === undefined ? work() : before.then(work, work);
    last.set(origin, mine);
    try {
      return await mine;
    } finally {
      if (last.get(origin) === mine) last.delete(origin);
    }
  };
}
