/** Which keys a member's log may have signed with, and when: read off the registries of one alliance. */
import { seconds } from '../core/clock.ts';
import type { TrustedKey } from '../ledger/verify.ts';
import type { RegistryBody } from './registry/registry-types.ts';
import type { RegistryView } from './registry/registry-view.ts';

/**
 * How long the key of a registry still counts after the next one was issued: members get registries at different
 * moments, and a gateway that does not have the new one yet signs with what it knows.
 */
export const KEY_OVERLAP_SECONDS = 86_400;
/** How far the operators' clock may be ahead of a gateway's when a new key begins. */
const KEY_SKEW_SECONDS = 600;

/** Keys that the chain (by rising serial) lists for a log. The first key of a log has no beginning: a log may be older than its membership. */
export function ledgerKeys(
  chain: readonly { readonly body: RegistryBody }[],
  origin: string,
): readonly TrustedKey[] {
  const keys: TrustedKey[] = [];
  let listed: string | undefined;
  for (const { body } of chain) {
    const vkey = body.members.find(({ ledger }) => ledger.origin === origin)?.ledger.vkey;
    if (vkey === listed) continue;
    if (listed !== undefined) keys.push(ended(keys.pop(), body.issuedAt));
    if (vkey !== undefined)
      keys.push({ vkey, ...(keys.length === 0 ? {} : { nbf: later(body.issuedAt, -KEY_SKEW_SECONDS) }) });
    listed = vkey;
  }
  return keys;
}

/** The vkeys that count at a moment; a key that was listed twice counts in both its times. */
export function vkeysAt(keys: readonly TrustedKey[], at: Date): readonly string[] {
  const valid = keys.filter(
    ({ nbf, exp }) => (nbf === undefined || at >= new Date(nbf)) && (exp === undefined || at < new Date(exp)),
  );
  return [...new Set(valid.map(({ vkey }) => vkey))];
}

const known = new WeakMap<RegistryView, Map<string, readonly TrustedKey[]>>();

/** The same from the registries that a gateway holds; asked for every acceptance, so it is remembered for each registry. */
export function heldLedgerKeys(
  registry: { current(): RegistryView; at(serial: number): RegistryView | undefined },
  origin: string,
): readonly TrustedKey[] {
  const current = registry.current();
  const byOrigin = known.get(current) ?? new Map<string, readonly TrustedKey[]>();
  known.set(current, byOrigin);
  const keys = byOrigin.get(origin) ?? ledgerKeys(heldChain(registry, current), origin);
  byOrigin.set(origin, keys);
  return keys;
}

function heldChain(
  registry: { at(serial: number): RegistryView | undefined },
  current: RegistryView,
): readonly RegistryView[] {
  const chain = [current];
  for (let serial = current.serial - 1; serial > 0; serial--) {
    const view = registry.at(serial);
    if (view === undefined) break;
    chain.unshift(view);
  }
  return chain;
}

function ended(key: TrustedKey | undefined, by: string): TrustedKey {
  if (key === undefined) throw new TypeError('no key to end');
  return { ...key, exp: later(by, KEY_OVERLAP_SECONDS) };
}

function later(time: string, by: number): string {
  return new Date((seconds(new Date(time)) + by) * 1000).toISOString();
}
