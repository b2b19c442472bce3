/** What main hands to this room. */
import type { Clock } from '../core/clock.ts';
import type { MemberId } from '../core/ids.ts';
import type { RegistryKeeper } from '../federation/registry/registry-keeper.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Database, Queryable } from '../storage/database.ts';
import type { EnvelopeContent, SealedEnvelope } from '../wire/envelope.ts';
import type { SigningKey } from '../wire/jws.ts';
import type { SchemaRegistry } from '../wire/schema-registry.ts';
import type { CommitmentRoot } from './commitments.ts';

export interface OutboundBatch {
  readonly sealed: SealedEnvelope;
  readonly content: EnvelopeContent;
  readonly recipients: MemberId[];
  readonly personal: boolean;
  readonly commitments?: CommitmentRoot;
  /** Default 7 days from now. */
  readonly expiresAt?: Date;
  /** Ids of envelopes that have to be delivered, or given up, first. */
  readonly after?: readonly string[];
  /** Key of our ledger entry about the batch. */
  readonly pushedKey?: Buffer;
  /** Who asked for it, for the ledger. Default `gateway`. */
  readonly actor?: string;
}

export interface FeatureDeps {
  readonly database: Database;
  readonly ledger: Pick<Ledger, 'origin' | 'append' | 'settle'>;
  readonly registry: Pick<RegistryKeeper, 'current'>;
  readonly sealKey: SigningKey;
  readonly member: MemberId;
  readonly schemas: SchemaRegistry;
  /** 32 random bytes of this gateway; losing them means rebuilding the lookups, sharing them means leaking them. */
  readonly indexKey: Buffer;
  readonly clock: Clock;
  /** federation's outbox, in the caller's transaction. */
  readonly enqueue: (tx: Queryable, message: OutboundBatch) => Promise<unknown>;
  readonly kickDelivery: () => void;
}
