/** The one transaction of an accepted message: the handler's rows, the inbox row, the ledger intake. */
import { canonicalJson } from '../core/canonical.ts';
import { sha256, sha256Hex } from '../core/digest.ts';
import { GatewayError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { EntryDraft } from '../ledger/entry.ts';
import type { Acceptance, InboxDeps, ReceivedMessage } from './inbox.ts';
import { insertAccepted } from './messages/inbox-store.ts';
import type { OpenedMessage } from './messages/open-message.ts';

/** Fixed by issuer and id, so that a retry finds the entry of the first attempt. */
export function acceptanceKey({ from, claims }: Pick<ReceivedMessage, 'from' | 'claims'>): Buffer {
  return sha256(`in|${from}|${claims.mid}`);
}

/**
 * Returns the canonical JSON of the handler's result. The inbox row comes after the handler, so that it carries the
 * result in one statement, and shares a round trip with the intake: whoever inserts it first wins, the other
 * transaction rolls back and answers as a replay.
 */
export async function acceptMessage(
  deps: InboxDeps,
  received: ReceivedMessage,
  opened: OpenedMessage,
): Promise<string | null> {
  const { message, handler } = opened;
  const ledgerKey = acceptanceKey(received);
  return deps.database.transaction(async (tx) => {
    const acceptance = await handler.accept(tx, message);
    const result = acceptance.result === undefined ? null : canonicalJson(acceptance.result);
    const { bodySha256, token } = received;
    const [inserted] = await Promise.all([
      insertAccepted(tx, { message, bodySha256, token, result, ledgerKey }),
      deps.ledger.append(tx, acceptedEntry(deps, received, { opened, acceptance }), ledgerKey),
    ]);
    if (!inserted) throw new GatewayError('exchange.id-conflict', undefined, { facts: { mid: message.mid } });
    return result;
  });
}

function acceptedEntry(
  deps: InboxDeps,
  received: ReceivedMessage,
  { opened, acceptance }: { readonly opened: OpenedMessage; readonly acceptance: Acceptance },
): EntryDraft {
  const { message, view } = opened;
  const { content, from, mid, grant } = message;
  const personal = opened.personal || acceptance.personal === true;
  return {
    id: newId(),
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
