/** Receives messages: schema, envelope, kind, grant, then one transaction of effect, inbox row and ledger intake. */
import type { JsonObject, JsonValue } from '../core/canonical.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError, isGatewayError } from '../core/errors.ts';
import { failpoint } from '../core/failpoint.ts';
import type { MemberId } from '../core/ids.ts';
import type { EntryRef, EntrySubject } from '../ledger/entry.ts';
import type { Ledger, SettledEntry } from '../ledger/ledger.ts';
import type { Database, Queryable } from '../storage/database.ts';
import type { Disclosure } from '../wire/disclosure.ts';
import type { EnvelopeContent, SealedEnvelope } from '../wire/envelope.ts';
import type { RequestClaims } from '../wire/exchange-token.ts';
import type { SchemaRegistry } from '../wire/schema-registry.ts';
import { acceptanceAnswer } from './messages/acceptance-answer.ts';
import { acceptanceKey } from './messages/accept-messages.ts';
import type { Right } from './grants.ts';
import { createAcceptor, type Acceptor } from './messages/acceptor.ts';
import { findAccepted } from './messages/inbox-store.ts';
import { openMessage } from './messages/open-message.ts';
import type { RegistryKeeper } from './registry/registry-keeper.ts';
import type { TokenUse } from './tokens/token-use.ts';

export interface InboundMessage {
  readonly content: EnvelopeContent;
  readonly sealed: SealedEnvelope;
  readonly disclosures: readonly Disclosure[];
  /** Commitments, hex, whose disclosures the sender says were erased. */
  readonly erased: readonly string[];
  /** The sender's ledger entry that offers this message. */
  readonly offer: EntryRef | null;
  readonly from: MemberId;
  readonly mid: string;
  /** The grant that permits it. */
  readonly grant: string;
  readonly receivedAt: Date;
}

export interface Acceptance {
  readonly subject: EntrySubject;
  readonly commitments?: { readonly root: string; readonly count: number };
  /** Goes into the signed answer, now and at every replay. */
  readonly result?: JsonObject;
  /** true: the entry leaves out the token's digest. Default what `personal()` said. */
  readonly personal?: boolean;
}

export interface InboxHandler {
  readonly right: Right;
  /** Whether the content brings personal values: they may not enter an ALLIANCE group. */
  personal(content: EnvelopeContent): boolean;
  /** Highest grade of what the content brings, as grants limit it. Default none. */
  grade?(content: EnvelopeContent): number;
  /** What `accept` refuses without asking the database, for diagnoses. */
  judge?(message: InboundMessage): void;
  /** Business rows, in the inbox' transaction; it may run again after a rollback. Throws to refuse the message. */
  accept(tx: Queryable, message: InboundMessage): Promise<Acceptance>;
  /**
   * The same for several messages of one member, in their order, all or none: a kind that comes in numbers shares
   * transactions. When it throws, each message is tried alone.
   */
  acceptTogether?(tx: Queryable, messages: readonly InboundMessage[]): Promise<readonly Acceptance[]>;
  /** After the entry is durable; must not throw. */
  settled?(message: InboundMessage): void;
}

/** By kind of envelope. */
export type InboxHandlers = Readonly<Record<string, InboxHandler>>;

/** A request whose token, digest and strict JSON have been checked. */
export interface ReceivedMessage {
  readonly from: MemberId;
  readonly claims: RequestClaims;
  readonly token: string;
  /** Stored with the acceptance. Absent for what was pulled from a feed, where no token is used. */
  readonly use?: TokenUse | undefined;
  readonly body: JsonValue;
  /** Hex. */
  readonly bodySha256: string;
}

export interface MessageAnswer {
  readonly status: number;
  /** Canonical JSON {entry, id, proof, result?, status}. */
  readonly body: Buffer;
  readonly replayed: boolean;
  readonly receipt: EntryRef;
}

export interface MessageReceiver {
  receive(message: ReceivedMessage): Promise<MessageAnswer>;
}

export interface InboxDeps {
  readonly member: MemberId;
  readonly database: Database;
  readonly ledger: Pick<Ledger, 'transact' | 'settle'>;
  readonly registry: Pick<RegistryKeeper, 'current' | 'at'>;
  readonly schemas: SchemaRegistry;
  readonly clock: Clock;
  readonly handlers: InboxHandlers;
}

export function createInbox(deps: InboxDeps): MessageReceiver {
  const accept = createAcceptor(deps);
  return {
    receive: async (received) => {
      try {
        return await receiveNew(deps, received, accept);
      } catch (error) {
        return await replayOr(error, deps, received);
      }
    },
  };
}

async function receiveNew(
  deps: InboxDeps,
  received: ReceivedMessage,
  accept: Acceptor,
): Promise<MessageAnswer> {
  const opened = await openMessage(deps, received);
  const result = await accept({ received, opened });
  failpoint('after-commit-before-settle');
  const entry = await deps.ledger.settle(acceptanceKey(received));
  failpoint('after-commit-before-answer');
  opened.handler.settled?.(opened.message);
  return answer(received, entry, { result, replayed: false });
}

/**
 * A message that was accepted stays accepted: a retry gets the stored answer even when it would be refused today, or
 * when the first attempt is why it fails now. Other bytes under the same id are a conflict, whatever else is wrong.
 */
async function replayOr(error: unknown, deps: InboxDeps, received: ReceivedMessage): Promise<MessageAnswer> {
  // Outcome unknown: the row may be there, but nothing is promised before its entry is durable.
  if (isGatewayError(error, 'ledger.unavailable')) throw error;
  const stored = await findAccepted(deps.database, received.from, received.claims.mid);
  if (stored === undefined) throw error;
  if (stored.bodySha256 !== received.bodySha256) {
    throw new GatewayError('exchange.id-conflict', undefined, { facts: { mid: received.claims.mid } });
  }
  const replayed = await replayedBy(received.use);
  const entry = await deps.ledger.settle(acceptanceKey(received));
  // Used before, but by this very request: the answer to its own COMMIT was lost.
  if (replayed !== undefined && idOf(entry) !== received.use?.entryId) throw replayed;
  return answer(received, entry, { result: stored.result, replayed: true });
}

/** Stores the use of the token; resolves with token.replayed when it is there already. */
async function replayedBy(use: TokenUse | undefined): Promise<GatewayError | undefined> {
  try {
    await use?.spend();
    return undefined;
  } catch (error) {
    if (isGatewayError(error, 'token.replayed')) return error;
    throw error;
  }
}

function idOf({ entry }: SettledEntry): string {
  return (JSON.parse(entry) as { readonly id: string }).id;
}

function answer(
  received: ReceivedMessage,
  entry: SettledEntry,
  { result, replayed }: { readonly result: string | null; readonly replayed: boolean },
): MessageAnswer {
  const { origin, index, leaf } = entry;
  const body = acceptanceAnswer({ id: received.claims.mid, entry: entry.entry, proof: entry.proof, result });
  return { status: 200, body, replayed, receipt: { origin, index, leaf } };
}
