/** Keeps the registries of one alliance: adopts what follows, refuses rollback and fork, knows whether they are fresh. */
import type { JsonValue } from '../../core/canonical.ts';
import type { Clock } from '../../core/clock.ts';
import type { MemberId } from '../../core/ids.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Database } from '../../storage/database.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import type { Anchors } from '../alliance.ts';
import type { GroupOpenings } from './hidden-groups.ts';
import type { RegistryAlarm } from './keeping/registry-alarms.ts';
import { DirectoryKeeper } from './keeping/directory-keeper.ts';
import type { RegistryBody, RegistryDocument } from './registry-document.ts';
import type { RegistryView } from './registry-view.ts';

export interface RegistryKeeper {
  current(): RegistryView;
  at(serial: number): RegistryView | undefined;
  /** From the first to the current. */
  documents(): readonly RegistryDocument[];
  /** Throws `registry.fork`, `registry.expired` or `registry.stale`: live traffic needs a fresh statement, offline verification does not. */
  assertFresh(now: Date): void;
  /** When live traffic ends unless a newer freshness statement comes. */
  freshUntil(): Date | undefined;
  onChange(listener: (view: RegistryView) => void): void;
  /**
   * Untrusted: adopts the successor, ignores what is known, throws `registry.*` and keeps evidence otherwise. `source` is
   * noted, never believed: `directory` or the member that served it.
   */
  offer(document: JsonValue, source?: string): Promise<'adopted' | 'known'>;
  /** Untrusted: counts when the freshness key of a registry that we hold made it. Throws `registry.*`. */
  offerFreshness(document: JsonValue, source: string): Promise<void>;
  /** As its operators signed it. */
  document(serial: number): RegistryDocument | undefined;
  /** The newest statement that counted, as it was signed. */
  freshness(): JsonValue | undefined;
  /** Keeps evidence of something that a peer showed, and logs it. */
  raise(alarm: RegistryAlarm): Promise<void>;
  /** Reads the directory now instead of at the next poll. */
  refresh(): Promise<void>;
  close(): void;
}

export interface RegistryKeeperOptions {
  readonly database: Database;
  readonly anchors: Anchors;
  readonly directory: string;
  readonly schemas: SchemaRegistry;
  readonly ledger: Pick<Ledger, 'append' | 'settle'>;
  readonly member: MemberId;
  readonly clock: Clock;
  readonly pollMs?: number;
  /** Documents that open the hidden groups of this member; read at each poll. Default none. */
  readonly openings?: () => Promise<readonly GroupOpenings[]>;
  /** How long past its end a freshness statement still counts. Default 0. */
  readonly graceSeconds?: number;
  readonly onError?: (error: unknown) => void;
  /** Something contradicts the registry, once for each evidence and process; `isNew` unless an earlier one had found it. */
  readonly onAlarm?: (alarm: RegistryAlarm & { readonly isNew: boolean }) => void;
  /** Before a verified registry is stored and logged: what it says of us may decide who signs that entry. */
  readonly beforeAdoption?: (next: RegistryBody) => Promise<void>;
}

/** Starts from the database, then from the directory. Throws when neither holds a registry that the anchors admit. */
export async function openRegistryKeeper(options: RegistryKeeperOptions): Promise<RegistryKeeper> {
  const { alliance, operators } = options.anchors;
  const keeper = new DirectoryKeeper(options, { alliance, operators, schemas: options.schemas });
  await keeper.load();
  // A directory that cannot be read matters only to a gateway that has no registry yet.
  await keeper.poll().catch((error: unknown) => options.onError?.(error));
  keeper.current();
  keeper.start();
  return keeper;
}
