/** What the peer plane is given by the composition root. */
import type { Clock } from '../../core/clock.ts';
import type { MemberId } from '../../core/ids.ts';
import type { PartServer } from '../../evidence/handing-over/serve-parts.ts';
import type { FeedAnswerer } from '../../federation/feed/answer-feed.ts';
import type { MessageReceiver } from '../../federation/inbox.ts';
import type { PairEntry } from '../../federation/pair-entries.ts';
import type { RefusalLog } from '../../federation/refusals.ts';
import type { RateLimiter } from '../../federation/rates/rate-limiter.ts';
import type { RegistryServer } from '../../federation/registry/peers/serve-registry.ts';
import type { RegistryKeeper } from '../../federation/registry/registry-keeper.ts';
import type { StatusAnswerer } from '../../federation/status.ts';
import type { TokenIdStore } from '../../federation/tokens/token-store.ts';
import type { LedgerSource } from '../../ledger/serving/source.ts';
import type { Witness } from '../../ledger/witness/witness.ts';
import type { SigningKey } from '../../wire/jws.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import type { TlsIdentity } from '../https-options.ts';
import type { LimitEvent, PeerLimits } from './limits.ts';
import type { PeerEvents } from './observe.ts';

export interface PeerLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface PeerPlane {
  readonly member: MemberId;
  /** Host and port under which the registry lists this gateway. */
  readonly authority: string;
  /** Read again at each registry change: a getter makes rotation possible. */
  readonly tls: TlsIdentity;
  readonly registry: Pick<RegistryKeeper, 'current' | 'assertFresh' | 'onChange' | 'refresh'>;
  readonly sealKey: SigningKey;
  readonly schemas: SchemaRegistry;
  readonly clock: Clock;
  readonly allowedSkewSeconds?: number;
  readonly messages: MessageReceiver;
  readonly status: StatusAnswerer;
  readonly parts: PartServer;
  /** Missing: this gateway answers no feeds. */
  readonly feed?: FeedAnswerer;
  readonly registryServer: RegistryServer;
  readonly ledgerSource: LedgerSource;
  /** Whether `decide()` grants the member the right `audit`: entry bundles are for auditors only. */
  readonly mayAudit: (member: MemberId) => boolean;
  /** Entries of our ledger about a message, for the member that it was exchanged with. */
  readonly pairEntries: (member: MemberId, mid: string) => Promise<readonly PairEntry[]>;
  /** Tokens of the last messages that we accepted of a member; they are told to that member only. */
  readonly heldTokens: (member: MemberId) => Promise<readonly string[]>;
  /** Missing on a gateway that has no witness key. */
  readonly witness?: Witness | undefined;
  readonly refusals: Pick<RefusalLog, 'record'>;
  readonly tokenIds: Pick<TokenIdStore, 'meet' | 'insert'>;
  readonly logger: PeerLogger;
  readonly events?: PeerEvents;
  readonly rates: RateLimiter;
  readonly limits?: Partial<PeerLimits>;
  /** Hears of each connection and request that a limit met. */
  readonly onLimit?: (event: LimitEvent, member?: string) => void;
}
