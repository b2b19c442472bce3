/** The times of a feature: one spelling, in an order that makes sense. */
import { GatewayError } from '../../core/errors.ts';
import type { FeatureFacts } from '../feature.ts';

export type Times = Pick<FeatureFacts, 'firstSeen' | 'lastSeen' | 'validFrom' | 'validUntil'>;

/** Clocks of members' systems differ; a sighting further ahead than this would dodge decay. */
const FUTURE_MS = 24 * 3600 * 1000;
const EARLIEST = '1970';

/** UTC with milliseconds, in which text order is time order. Throws feature.invalid. */
export function normalTime(text: string | Date): string {
  const at = new Date(text);
  // RFC 3339 knows leap seconds that the clock does not, and years that PostgreSQL does not.
  const normal = Number.isNaN(at.getTime()) ? '' : at.toISOString();
  if (normal.length !== 24 || normal < EARLIEST) throw invalid('a time is no instant from 1970 to 9999');
  return normal;
}

/** Rules the schema can't say, for times in normal form. Throws feature.invalid. */
export function checkTimes({ firstSeen, lastSeen, validFrom, validUntil }: Times, now: Date): void {
  if (Date.parse(lastSeen) > now.getTime() + FUTURE_MS) throw invalid('lastSeen lies in the future');
  if (firstSeen > lastSeen) throw invalid('firstSeen is after lastSeen');
  if (validFrom !== undefined && validUntil !== undefined && validUntil <= validFrom) {
    throw invalid('validUntil is not after validFrom');
  }
}

/** As checkTimes, for what a peer sent. */
export function checkForeignTimes(times: Times, now: Date): void {
  for (const text of [times.firstSeen, times.lastSeen, times.validFrom, times.validUntil]) {
    if (text !== undefined && normalTime(text) !== text) throw invalid('a time is not in its normal form');
  }
  checkTimes(times, now);
}

function invalid(message: string): GatewayError {
  return new GatewayError('feature.invalid', message);
}
