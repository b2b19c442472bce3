/** What only the composition root can do for the CLI: run a gateway, the demo, and open a gateway's own ledger. */
import type { KeptEvidence } from '../federation/registry/keeping/registry-store.ts';
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

export interface NextKeyOrder {
  readonly kind: 'tls' | 'seal' | 'ledger';
  readonly configPath: string;
  /** PEM of a request whose key is elsewhere, with `tls`. */
  readonly csr?: string;
}

export interface MadeNextKey {
  /** Of the private key, mode 0600. */
  readonly file?: string;
  /** Where the new certificate is to be put. */
  readonly certificate?: string;
  /** For the operators; nothing private in it. */
  readonly rotation: object;
}

export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was looked at, e.g. `certificate`. */
  readonly check: string;
  readonly message: string;
  /** What to do; absent when nothing needs to be done. */
  readonly remedy?: string;
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

/** Against which registry a captured request is judged: a gateway's configuration names it all, or each part does. */
export type DiagnosisTrust =
  | { readonly config: string }
  | {
      readonly anchors: string;
      /** Directory of `registry-<serial>.json`. */
      readonly registry: string;
      readonly member: string;
      /** Default: the first that the registry lists for the member. */
      readonly authority?: string;
    };

export interface DiagnosisOrder {
  readonly capture: string;
  readonly trust: DiagnosisTrust;
  /** Instead of the capture's own time. */
  readonly at?: Date;
  readonly skewSeconds?: number;
}

export interface DiagnosisReport {
  readonly findings: readonly {
    readonly check: string;
    readonly code: string;
    readonly message: string;
    readonly expected?: string;
    readonly came?: string;
    readonly remedy: string;
  }[];
  readonly unchecked: readonly string[];
  readonly caller: string | undefined;
  /** Serial that it was judged by. */
  readonly registry: number;
  /** RFC 3339. */
  readonly at: string;
}

export interface ServeOptions {
  /** Directory in which refused requests of peers are kept, for `lianzheng diagnose`. */
  readonly capture?: string;
  /** What the process does, instead of what the configuration says; of every gateway in it. */
  readonly roles?: readonly string[];
}

export interface ProgramHooks {
  readonly version: string;
  /** The program's own schemas/. */
  schemas(): SchemaRegistry;
  /** One gateway for each file. Resolves when they were told to stop and have stopped. */
  serve(configPaths: readonly string[], options: ServeOptions): Promise<void>;
  /** Resolves with the names of the migrations that were applied. */
  migrate(configPath: string): Promise<readonly string[]>;
  /** Tells its story itself; resolves with the exit code. */
  demo(options: DemoOptions): Promise<number>;
  /** Makes the key that the configured gateway's ledger is to go on with, beside the present one. */
  makeNextLedgerKey(configPath: string): Promise<NextLedgerKey>;
  /** Makes the next certificate key, seal key or ledger key beside the present one, and the request for the operators. */
  makeNext(order: NextKeyOrder): Promise<MadeNextKey>;
  /** Looks at an installation and changes nothing. */
  examine(configPath: string): Promise<readonly Finding[]>;
  /** What contradicted the registry of the configured gateway, oldest first. */
  registryEvidence(configPath: string): Promise<readonly KeptEvidence[]>;
  /** False when it cannot be resolved so. */
  resolveRegistry(configPath: string, resolution: RegistryResolution): Promise<boolean>;
  /** The ledger in the database of the configured gateway. */
  ownLedger(configPath: string): Promise<OpenedLedgerSource>;
  /** Another member's ledger, fetched with the configured gateway's certificate. */
  peerLedger(configPath: string, member: string): Promise<OpenedLedgerSource>;
  /** Replays every check of the peer plane on a captured request. */
  diagnose(order: DiagnosisOrder): Promise<DiagnosisReport>;
  /** All other members' ledgers, the configured gateway's witness, and where it keeps evidence. */
  followLedgers(configPath: string): Promise<FollowedLedgers>;
}
