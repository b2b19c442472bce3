/** What the peer plane is given by the composition root. */
import type { Readable } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { MemberId } from '../../core/ids.ts';
import type { MessageReceiver } from '../../federation/inbox.ts';
import type { RegistryKeeper } from '../../federation/registry-keeper.ts';
import type { StatusAnswerer } from '../../federation/status.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { LedgerSource } from '../../ledger/source.ts';
import type { Database } from '../../storage/database.ts';
import type { RequestClaims } from '../../wire/exchange-token.ts';
import type { SigningKey } from '../../wire/jws.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import type { TlsIdentity } from '../https-options.ts';
import type { PeerLimits } from './limits.ts';

export interface PartRequest {
  readonly from: MemberId;
  readonly transfer: string;
  /** Hex, of the bundle. */
  readonly sha256: string;
  readonly n: number;
  readonly claims: RequestClaims;
  readonly token: string;
}

export interface StreamedPart {
  readonly stream: Readable;
  readonly length: number;
  /** Hex, of the part. */
  readonly sha256: string;
}

export interface PartServer {
  open(request: PartRequest): Promise<{ readonly body: Buffer | StreamedPart; readonly receipt: EntryRef }>;
}

export interface Refusal {
  readonly code: ErrorCode;
  /** Only when a signature or the token's use proved who it is. */
  readonly peer?: MemberId;
  /** The member of the client certificate. */
  readonly certificateMember?: MemberId;
  readonly mid?: string;
  /** Hex. */
  readonly tokenSha256?: string;
  readonly path: string;
  readonly correlationId: string;
}

export interface RefusalLog {
  /** Null when the refusal is only counted in a summary. */
  record(refusal: Refusal): Promise<EntryRef | null>;
}

export interface TokenIdStore {
  /** False when the issuer used `jti` before. `exp` is when it may be forgotten, POSIX seconds. */
  insert(iss: MemberId, jti: string, exp: number): Promise<boolean>;
}

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
  readonly registry: RegistryKeeper;
  readonly sealKey: SigningKey;
  readonly schemas: SchemaRegistry;
  readonly ledger: Ledger;
  readonly database: Database;
  readonly clock: Clock;
  readonly allowedSkewSeconds?: number;
  readonly messages: MessageReceiver;
  readonly status: StatusAnswerer;
  readonly parts: PartServer;
  readonly ledgerSource: LedgerSource;
  /** Whether `decide()` grants the member the right `audit`: entry bundles are for auditors only. */
  readonly mayAudit: (member: MemberId) => boolean;
  readonly refusals: RefusalLog;
  readonly tokenIds: TokenIdStore;
  readonly logger: PeerLogger;
  readonly limits?: Partial<PeerLimits>;
}
