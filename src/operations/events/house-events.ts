/** Events inside the house: a batch sequenced, background work failed, something ends soon. */
import type { Expiry } from '../../federation/registry/expiries.ts';
import type { Teller } from './teller.ts';

export function sequenced(
  { logger, counters }: Teller,
  batch: { readonly entries: number; readonly size: number },
): void {
  logger.debug(batch, 'entries sequenced');
  counters.sequenced.inc(batch.entries);
  counters.batchEntries.observe(batch.entries);
}

export function backgroundFailed({ logger, counters }: Teller, error: unknown): void {
  logger.error({ err: error }, 'background work failed');
  counters.backgroundFailures.inc();
}

/** `step` is 0 once it has ended. */
export function expiring({ logger, counters }: Teller, { what, id, at, daysLeft, step = 0 }: Expiry): void {
  const line = { what, id, at, daysLeft };
  if (step === 0) logger.error(line, 'something has expired');
  else if (step <= 3) logger.error(line, 'something expires soon');
  else logger.warn(line, 'something expires soon');
  counters.expiryWarnings.inc({ what, step: String(step) });
}
