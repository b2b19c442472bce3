/** What only the composition root can do for the CLI: run a gateway, the demo, and open a gateway's own ledger. */
import type { KeptEvidence } from '../federation/registry/registry-store.ts';
import type { FollowedLog } from '../ledger/follow/follower.ts';
import type { LedgerSource } from '../ledger/serving/source.ts';
import type { Witness } from '../ledger/witness/witness.ts';
import type { SchemaRegistry } from '../wire/schema-registry.ts';

export interface DemoOptions {
  /** End after the last step instead of staying up. */
  readonly once: boolean;
  /** Print the result as one JSON object on the last line of standard output. */
  readonly json: boolean;
  readonly directory?: string;
}

export interface OpenedLedgerSource {
  readonly source: LedgerSource;
  close(): Promise<void>;
}

export interface NextLedgerKey {
  /** Of the private key, mode 0600. */
  readonly file: string;
  readonly member: string;
  /** What the registry is to say: the new vkey, under a signature of the member's seal key. */
  readonly ledger: {
    readonly origin: string;
    readonly vkey: string;
    readonly witnessVkey?: string;
    readonly endorsement: { readonly protected: string; readonly signature: string };
  };
}

export interface RegistryResolution {
  readonly id: number;
  readonly reason: string;
  /** The registry of the evidence takes the place of ours. */
  readonly takeTheirs: boolean;
}

export interface FollowedLedgers {
  logs(): Promise<readonly FollowedLog[]>;
  readonly witness: Witness | undefined;
  keepFork(log: FollowedLog, notes: { readonly known: string; readonly shown: string }): Promise<void>;
  close(): Promise<void>;
}

export interface ProgramHooks {
  readonly version: string;
  /** The program's own schemas/. */
  schemas(): SchemaRegistry;
  /** One gateway for each file. Resolves when they were told to stop and have stopped. */
  serve(configPaths: readonly string[]): Promise<void>;
  /** Resolves with the names of the migrations that were applied. */
  migrate(configPath: string): Promise<readonly string[]>;
  /** Tells its story itself; resolves with the exit code. */
  demo(options: DemoOptions): Promise<number>;
  /** Makes the key that the configured gateway's ledger is to go on with, beside the present one. */
  makeNextLedgerKey(configPath: string): Promise<NextLedgerKey>;
  /** What contradicted the registry of the configured gateway, oldest first. */
  registryEvidence(configPath: string): Promise<readonly KeptEvidence[]>;
  /** False when it cannot be resolved so. */
  resolveRegistry(configPath: string, resolution: RegistryResolution): Promise<boolean>;
  /** The ledger in the database of the configured gateway. */
  ownLedger(configPath: string): Promise<OpenedLedgerSource>;
  /** Another member's ledger, fetched with the configured gateway's certificate. */
  peerLedger(configPath: string, member: string): Promise<OpenedLedgerSource>;
  /** All other members' ledgers, the configured gateway's witness, and where it keeps evidence. */
  followLedgers(configPath: string): Promise<FollowedLedgers>;
}
