/** Answers `/x/v1/status`: which of the caller's own messages this member has durably accepted. */
import type { JsonObject } from '../core/canonical.ts';
import type { Clock } from '../core/clock.ts';
import { newId, type MemberId } from '../core/ids.ts';
import type { EntryRef } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Database } from '../storage/database.ts';
import { durableAcceptances } from './messages/inbox-store.ts';
import type { RegistryKeeper } from './registry/registry-keeper.ts';

export interface StatusDeps {
  readonly member: MemberId;
  readonly database: Database;
  readonly ledger: Pick<Ledger, 'origin' | 'append' | 'settle'>;
  readonly registry: Pick<RegistryKeeper, 'current'>;
  readonly clock: Clock;
}

export interface StatusResult {
  readonly id: string;
  readonly state: 'accepted' | 'unknown';
  readonly receipt?: EntryRef;
}

/** `{receipt, results}`; `receipt` is where the answer itself stands in our ledger. */
export type StatusAnswerer = (ids: readonly string[], peer: MemberId) => Promise<JsonObject>;

export function createStatusAnswerer(deps: StatusDeps): StatusAnswerer {
  return async (ids, peer) => {
    const accepted = await durableAcceptances(deps.database, peer, ids);
    const { origin } = deps.ledger;
    const results = ids.map((id): StatusResult => {
      const position = accepted.get(id);
      return position === undefined
        ? { id, state: 'unknown' }
        : { id, state: 'accepted', receipt: { origin, ...position } };
    });
    const { index, leaf } = await logAnswer(deps, peer, ids.length);
    return { receipt: { origin, index, leaf }, results: results as unknown as JsonObject[] };
  };
}

async function logAnswer(deps: StatusDeps, peer: MemberId, count: number): Promise<EntryRef> {
  const { serial, sha256 } = deps.registry.current();
  const id = newId();
  const key = await deps.ledger.append(deps.database, {
    id,
    at: deps.clock().toISOString(),
    kind: 'status.answered',
    member: deps.member,
    peer,
    basis: [],
    registry: { serial, sha256 },
    subject: { type: 'status', id },
    pair: { peer, dir: 'in' },
    count,
    actor: 'gateway',
  });
  return deps.ledger.settle(key);
}
