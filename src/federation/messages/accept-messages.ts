/** The one transaction of accepted messages: the handler's rows, the inbox rows, the ledger intake. */
import { canonicalJson } from '../../core/canonical.ts';
import { sha256, sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { failpoint } from '../../core/failpoint.ts';
import { newId, type MemberId } from '../../core/ids.ts';
import type { EntryDraft } from '../../ledger/entry.ts';
import type { Queryable } from '../../storage/database.ts';
import type { RequestClaims } from '../../wire/exchange-token.ts';
import { countAct } from '../grants/quota-store.ts';
import type { Acceptance, InboxDeps, ReceivedMessage } from '../inbox.ts';
import { acceptedRows, isTaken, isUsed } from './inbox-store.ts';
import type { OpenedMessage } from './open-message.ts';

/** Base64url characters of envelopes; a thousand features have about 500,000. */
const LONG_PAYLOAD = 256 * 1024;

export interface Acceptable {
  readonly received: ReceivedMessage;
  readonly opened: OpenedMessage;
}

/** Fixed by issuer and id, so that a retry finds the entry of the first attempt. */
export function acceptanceKey({
  from,
  claims,
}: {
  readonly from: MemberId;
  readonly claims: Pick<RequestClaims, 'mid'>;
}): Buffer {
  return sha256(`in|${from}|${claims.mid}`);
}

/**
 * Returns the canonical JSON of the handler's results. The inbox rows come after the handler, so that they carry the
 * results, and travel with the intake and COMMIT: whoever inserts a row first wins, the other transaction rolls back
 * and answers as a replay. Several messages are of one kind that `acceptTogether`.
 */
export async function acceptMessages(
  deps: InboxDeps,
  messages: readonly Acceptable[],
): Promise<readonly (string | null)[]> {
  try {
    return await deps.ledger.transact(
      async (tx) => {
        const counted = await Promise.all(messages.map((message) => countedUnder(tx, message)));
        const acceptances = await handle(
          tx,
          counted.map(({ opened }) => opened),
        );
        failpoint('in-tx-after-business');
        const accepted = counted.map((one, i) => acceptedRow(deps, one, acceptances[i] as Acceptance));
        tx.last(acceptedRows(accepted));
        failpoint('in-tx-after-intake');
        return {
          entries: accepted.map(({ draft, ledgerKey }) => ({ draft, key: ledgerKey })),
          result: accepted.map(({ result }) => result),
        };
      },
      { long: isLong(messages) },
    );
  } catch (cause) {
    if (isUsed(cause) && messages.some(({ received }) => received.use !== undefined))
      throw new GatewayError('token.replayed', undefined, { cause });
    throw isTaken(cause) ? new GatewayError('exchange.id-conflict', undefined, { cause }) : cause;
  }
}

/** Counts of several grants in one transaction would lock their rows in no common order. */
function isLong(messages: readonly Acceptable[]): boolean {
  const payload = messages.reduce((sum, { opened }) => sum + opened.message.sealed.payload.length, 0);
  return payload > LONG_PAYLOAD || messages.some(({ opened }) => opened.quotas !== undefined);
}

/** The count is rolled back with everything else, so a retry of an accepted id counts once. */
async function countedUnder(tx: Queryable, one: Acceptable): Promise<Acceptable> {
  const { message, quotas } = one.opened;
  if (quotas === undefined) return one;
  const grant = await countAct(tx, { member: message.from, quotas, now: message.receivedAt });
  return { ...one, opened: { ...one.opened, message: { ...message, grant } } };
}

async function handle(tx: Queryable, opened: readonly OpenedMessage[]): Promise<readonly Acceptance[]> {
  const [first, ...others] = opened;
  if (first === undefined) return [];
  const { handler, message } = first;
  if (others.length === 0) return [await handler.accept(tx, message)];
  if (handler.acceptTogether === undefined) throw new GatewayError('internal', 'one message a transaction');
  return handler.acceptTogether(tx, [message, ...others.map((other) => other.message)]);
}

function acceptedRow(deps: InboxDeps, one: Acceptable, acceptance: Acceptance) {
  const { received, opened } = one;
  const { bodySha256, token, use } = received;
  return {
    message: opened.message,
    bodySha256,
    token,
    use,
    result: acceptance.result === undefined ? null : canonicalJson(acceptance.result),
    ledgerKey: acceptanceKey(received),
    draft: acceptedEntry(deps, one, acceptance),
  };
}

function acceptedEntry(
  deps: InboxDeps,
  { received, opened }: Acceptable,
  acceptance: Acceptance,
): EntryDraft {
  const { message, view } = opened;
  const { content, from, mid, grant } = message;
  const personal = opened.personal || acceptance.personal === true;
  return {
    id: received.use?.entryId ?? newId(),
    at: message.receivedAt.toISOString(),
    kind: 'message.accepted',
    member: deps.member,
    peer: from,
    group: content.group,
    purpose: content.purpose,
    basis: content.legalBasis,
    grant,
    registry: { serial: view.serial, sha256: view.sha256 },
    subject: acceptance.subject,
    pair: { peer: from, dir: 'in' },
    mid,
    actor: 'gateway',
    ...(received.claims.ofr === null ? {} : { counter: received.claims.ofr }),
    ...(acceptance.commitments === undefined ? {} : { commitments: acceptance.commitments }),
    // The token names the body's digest, and a personal body's digest stands in no ledger.
    ...(personal ? {} : { token: sha256Hex(received.token) }),
  };
}
