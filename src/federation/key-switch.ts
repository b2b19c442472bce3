/** Which of the keys at hand is to be used: the registry lists it, and has done so for long enough that peers know. */
import type { Validity } from './registry/registry-types.ts';

/** What the registry says of a key or certificate; undefined where it does not list it. */
export type Listed = (Validity & { readonly usable: boolean }) | undefined;

export interface Candidate {
  /** kid or x5t. */
  readonly id: string;
  readonly listed: Listed;
  /** Since when this process knows of a registry that lists it; milliseconds. */
  readonly since: number;
}

export interface SwitchQuestion {
  readonly inUse: string;
  /** Newest last; the one in use first, and again where its file lies. */
  readonly candidates: readonly Candidate[];
  /** Milliseconds. */
  readonly now: number;
  readonly overlapMs: number;
}

/** The id to use from now on: the newest that is listed. One that is not listed is kept only where nothing else is. */
export function keyToUse({ inUse, candidates, now, overlapMs }: SwitchQuestion): string {
  const usable = candidates.filter(({ listed }) => listed?.usable === true);
  const current = usable.find(({ id }) => id === inUse);
  const newest = usable.at(-1);
  // The old key's file may still lie beside the new one's: nothing goes back to it.
  if (newest === undefined || newest.id === inUse) return inUse;
  if (current === undefined) return newest.id;
  return now - newest.since >= overlapMs ? newest.id : inUse;
}
