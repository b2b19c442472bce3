/** Warns 30, 14, 7, 3 and 1 days before a certificate, key, CA or registry ends, once a step. */
import type { Expiry, ExpiryKind } from '../federation/registry/expiries.ts';
import type { VitalSigns } from './vital-signs.ts';

export const EXPIRY_KINDS: readonly ExpiryKind[] = [
  'certificate',
  'seal-key',
  'enc-key',
  'signer',
  'ca',
  'registry',
];
const LOOK_MS = 60_000;

export interface ExpiryWatchDeps {
  readonly signs: { read(): Promise<VitalSigns> };
  readonly onNear: (expiry: Expiry) => void;
  readonly onError: (error: unknown) => void;
  /** Default one minute. */
  readonly everyMs?: number;
}

/** Looks at once and then each minute; after a restart each warning that stands is given once more. */
export function startExpiryWatch(deps: ExpiryWatchDeps): { close(): void } {
  const told = new Set<string>();
  const look = async (): Promise<void> => {
    const { expiries } = await deps.signs.read();
    for (const expiry of newlyNear(expiries, told)) deps.onNear(expiry);
  };
  const lookAndReport = (): void => void look().catch(deps.onError);
  const timer = setInterval(lookAndReport, deps.everyMs ?? LOOK_MS).unref();
  lookAndReport();
  return { close: () => clearInterval(timer) };
}

/** Those whose step has not been told; remembers them. What another one stands in for is nobody's worry. */
export function newlyNear(expiries: readonly Expiry[], told: Set<string>): readonly Expiry[] {
  return expiries.filter(({ what, id, step, covered }) => {
    const key = `${what} ${id} ${step ?? ''}`;
    if (step === undefined || covered || told.has(key)) return false;
    told.add(key);
    return true;
  });
}

export function soonestOf(expiries: readonly Expiry[], what: ExpiryKind): Date | undefined {
  const found = expiries.find((one) => one.what === what && !one.covered);
  return found === undefined ? undefined : new Date(found.at);
}
