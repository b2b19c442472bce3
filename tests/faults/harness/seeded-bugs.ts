/** Mistakes that someone could make. The harness must find each, or it proves nothing. */
import type { SeededBug } from './program.ts';

export const bugs = {
  /** The answer leaves, and the proof with it, a moment before the batch is durable. */
  answersBeforeCommit: {
    name: 'answers before commit',
    edits: [
      {
        file: 'src/ledger/sequence/sequencer.ts',
        replace: '      await commitBatch(client, batch, anchors.now);\n',
        by: `      this.#options.onSequenced(batch);
      load.done();
      await new Promise((resolve) => setTimeout(resolve, 150));
      await commitBatch(client, batch, anchors.now);
`,
      },
    ],
  },
  /** A message's rows are durable a moment before its entry: it is accepted, and the ledger does not know of it. */
  commitsRowsBeforeEntries: {
    name: 'commits rows before their entries',
    edits: [
      {
        file: 'src/ledger/sequence/sequencer.ts',
        replace: '    const input = { head, rows, pairs, drafts };\n',
        by: `    const input = { head, rows, pairs, drafts };
    if (load.size > 0) {
      await client.query('COMMIT');
      failpoint('between-rows-and-entries');
      await client.query('BEGIN');
    }
`,
      },
    ],
  },
  /** COMMIT returns before its WAL is on disk. */
  skipsFsync: {
    name: 'skips fsync',
    edits: [
      {
        file: 'src/ledger/sequence/sequence-store.ts',
        replace: 'SET LOCAL synchronous_commit TO on;',
        by: 'SET LOCAL synchronous_commit TO off;',
      },
    ],
  },
  acksBeforeReceipt: {
    name: 'acknowledges before the receipt is stored',
    edits: [
      {
        file: 'src/federation/delivery/delivery.ts',
        replace: "    failpoint('sender-after-receipt-before-ack');\n",
        by: `    if (outcome.kind === 'accepted')
      await this.#deps.database.query("UPDATE delivery SET state = 'acked' WHERE mid = $1", [delivery.mid]);
    failpoint('sender-after-receipt-before-ack');\n`,
      },
      {
        file: 'src/federation/delivery/delivery-store.ts',
        replace:
          "receipt = $9, leased = false, waits = 0,\n         outcome_unknown = $10 AND outcome_unknown\n       WHERE mid = $1 AND state IN ('pending', 'sent')",
        by: 'receipt = $9, leased = false, waits = 0,\n         outcome_unknown = $10 AND outcome_unknown\n       WHERE mid = $1 AND closed_at IS NULL',
      },
    ],
  },
  /** Reads the queue from the last one that went well: what failed before it is never looked at again. */
  readsFromHighWaterMark: {
    name: 'reads the outbox from a high-water mark',
    edits: [
      {
        file: 'src/federation/delivery/delivery-store.ts',
        replace:
          '         AND EXISTS (SELECT 1 FROM ledger_entry l WHERE l.key = d.offer_key)\n       ORDER BY due_at',
        by: `         AND EXISTS (SELECT 1 FROM ledger_entry l WHERE l.key = d.offer_key)
         AND created_at >= coalesce((SELECT max(created_at) FROM delivery done
           WHERE done.recipient = $1 AND done.state = 'acked'), '-infinity')
       ORDER BY due_at`,
      },
    ],
  },
  /** Any answer of the peer that is signed will do, and any acceptance in it. */
  takesAnyAnswer: {
    name: 'takes an answer to another request',
    edits: [
      {
        file: 'src/wire/exchange-token.ts',
        replace:
          "    ['rth', tokenHash(expected.requestToken)],\n    ['rjti', request.jti],\n    ['mid', request.mid],\n",
        by: '',
      },
      {
        file: 'src/wire/exchange-token.ts',
        replace:
          "if (expected.status < 400 && response.rcdg !== expected.request.cdg) throw responseInvalid('rcdg');",
        by: '',
      },
      {
        file: 'src/federation/messages/acceptance-answer.ts',
        replace: '  checkEntry(fields, expected);\n',
        by: '',
      },
    ],
  },
  cachesAuthorisation: {
    name: 'caches the authorisation on the socket',
    edits: [
      {
        file: 'src/http/peer/checks/caller.ts',
        replace:
          'export function registeredMember(connection: Connection, view: RegistryView, now: Date): MemberId {\n',
        by: `const cached = new WeakMap<Connection, MemberId>();
export function registeredMember(connection: Connection, view: RegistryView, now: Date): MemberId {
  const member = cached.get(connection) ?? registeredMemberOf(connection, view, now);
  cached.set(connection, member);
  return member;
}
function registeredMemberOf(connection: Connection, view: RegistryView, now: Date): MemberId {\n`,
      },
    ],
  },
  /** A certificate is looked at when a connection begins: TLS does that. Its end on an open one is nobody's business. */
  forgetsCertificateEnds: {
    name: 'forgets the end of a certificate once a connection is open',
    edits: [
      {
        file: 'src/http/peer/checks/caller.ts',
        replace:
          "  if (!validAt(certificate, seconds(now))) throw new GatewayError('tls.certificate-expired');\n",
        by: '',
      },
      {
        file: 'src/federation/peers/peer-pool.ts',
        replace: '  return registered?.member === member && validAt(registered, seconds(shown.now));\n',
        by: '  return registered?.member === member;\n',
      },
    ],
  },
} satisfies Record<string, SeededBug>;

/** Unique indices that a migration could forget, as the administrator drops them. */
export const DROP_TOKEN_IDS = 'ALTER TABLE token_id DROP CONSTRAINT token_id_pkey';
export const DROP_MESSAGE_IDS = `ALTER TABLE inbox DROP CONSTRAINT inbox_pkey;
  ALTER TABLE feature_batch DROP CONSTRAINT feature_batch_issuer_id_key;
  ALTER TABLE feature_batch DROP CONSTRAINT feature_batch_ledger_key_key;
  ALTER TABLE feature DROP CONSTRAINT feature_pkey`;
