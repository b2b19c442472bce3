/** Fills a gateway's outbox through its own API: many batches of one feature each. */
import type { FaultWorld } from './fault-world.ts';
import { push } from './pushes.ts';

const AT_ONCE = 32;

/** Each push makes one message for each of the two other members. */
export async function fillQueue(world: FaultWorld, messages: number): Promise<void> {
  let left = Math.ceil(messages / 2);
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      if ((await push(world, 'bank-a')).outcome === 'ok') continue;
      // The plane takes 100 requests a second of one caller.
      left += 1;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
}
