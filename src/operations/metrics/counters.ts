/** Counters and histograms of what happens; only the functions of events/ touch them. */
import { Counter, Histogram, type Registry } from 'prom-client';

export interface Counters {
  readonly exchanges: Counter<'kind' | 'code' | 'peer'>;
  readonly exchangeSeconds: Histogram<'kind' | 'outcome'>;
  readonly handshakes: Counter<'why'>;
  readonly calls: Counter<'path' | 'code' | 'peer'>;
  readonly callSeconds: Histogram<'path' | 'outcome'>;
  readonly attempts: Counter<'peer' | 'kind' | 'outcome'>;
  readonly closed: Counter<'peer' | 'kind' | 'state'>;
  readonly sequenced: Counter;
  readonly batchEntries: Histogram;
  readonly backgroundFailures: Counter;
  readonly expiryWarnings: Counter<'what' | 'step'>;
}

/** Seconds. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

export function createCounters(registry: Registry): Counters {
  const registers = [registry];
  return {
    exchanges: new Counter({
      ...{ name: 'lianzheng_exchange_requests_total', registers },
      help: 'Requests on the peer plane, by kind of message or path, code (ok, or the code of the refusal) and peer',
      labelNames: ['kind', 'code', 'peer'],
    }),
    exchangeSeconds: new Histogram({
      ...{ name: 'lianzheng_exchange_seconds', registers, buckets: SECONDS },
      help: 'Duration of requests on the peer plane, until the answer was sent',
      labelNames: ['kind', 'outcome'],
    }),
    handshakes: new Counter({
      ...{ name: 'lianzheng_peer_handshake_failures_total', registers },
      help: 'TLS handshakes on the peer plane that failed',
      labelNames: ['why'],
    }),
    calls: new Counter({
      ...{ name: 'lianzheng_peer_calls_total', registers },
      help: 'Signed calls to peers, by path, code (ok, or what went wrong) and peer',
      labelNames: ['path', 'code', 'peer'],
    }),
    callSeconds: new Histogram({
      ...{ name: 'lianzheng_peer_call_seconds', registers, buckets: SECONDS },
      help: 'Duration of signed calls to peers',
      labelNames: ['path', 'outcome'],
    }),
    attempts: new Counter({
      ...{ name: 'lianzheng_delivery_attempts_total', registers },
      help: 'Attempts to deliver a message: accepted, refused, or retry',
      labelNames: ['peer', 'kind', 'outcome'],
    }),
    closed: new Counter({
      ...{ name: 'lianzheng_deliveries_closed_total', registers },
      help: 'Deliveries that ended: acked, refused, or expired',
      labelNames: ['peer', 'kind', 'state'],
    }),
    sequenced: new Counter({
      ...{ name: 'lianzheng_ledger_entries_sequenced_total', registers },
      help: 'Entries that this process put into the ledger',
    }),
    batchEntries: new Histogram({
      ...{ name: 'lianzheng_ledger_batch_entries', registers, buckets: [1, 4, 16, 64, 256, 512] },
      help: 'Entries of one batch, that is of one durable commit',
    }),
    backgroundFailures: new Counter({
      ...{ name: 'lianzheng_background_failures_total', registers },
      help: 'Failures of work that nobody waits for: each has a log line',
    }),
    expiryWarnings: new Counter({
      ...{ name: 'lianzheng_expiry_warnings_total', registers },
      help: 'Warnings that something ends, by the days that are left at most',
      labelNames: ['what', 'step'],
    }),
  };
}
