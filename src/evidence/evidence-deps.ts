/** What the evidence room is given by the composition root. */
import type { Clock } from '../core/clock.ts';
import type { MemberId } from '../core/ids.ts';
import type { OutgoingMessage, QueuedMessage } from '../federation/delivery/outbox.ts';
import type { RegistryKeeper } from '../federation/registry/registry-keeper.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import type { Database, Queryable } from '../storage/database.ts';
import type { SigningKey } from '../wire/jws.ts';
import type { SchemaRegistry } from '../wire/schema-registry.ts';

/** federation/outbox.ts with its own dependencies bound. */
export type Enqueue = (tx: Queryable, message: OutgoingMessage) => Promise<readonly QueuedMessage[]>;

export interface EvidenceDeps {
  readonly database: Database;
  readonly ledger: Ledger;
  readonly registry: Pick<RegistryKeeper, 'current' | 'at'>;
  readonly sealKey: SigningKey;
  readonly member: MemberId;
  readonly schemas: SchemaRegistry;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly enqueue: Enqueue;
  readonly kickDelivery: () => void;
}
