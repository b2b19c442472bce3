/** What a gateway can say about its own state, read at most once in a while and never waited for long. */
import type { Clock } from '../core/clock.ts';
import { expiriesOf, type Expiry } from '../federation/registry/expiries.ts';
import type { RegistryKeeper } from '../federation/registry/registry-keeper.ts';
import type { GateState, LedgerGate } from '../ledger/gate.ts';
import type { Presence } from '../gateway/processes/presence.ts';
import type { Role } from '../gateway/processes/roles.ts';
import type { WitnessPolicy } from '../ledger/witness/policy.ts';
import type { BlobRoom, BlobStore } from '../storage/blob-store.ts';
import type { Database } from '../storage/database.ts';
import {
  readLastCosigned,
  readOpenDeliveries,
  readStoredSigns,
  type Cosigned,
  type OpenDeliveries,
  type StoredSigns,
} from './vital-signs-store.ts';

export interface VitalSigns {
  readonly at: Date;
  readonly stopping: boolean;
  /** Undefined when the database does not answer. */
  readonly database: DatabaseSigns | undefined;
  readonly gate: Pick<LedgerGate, 'state' | 'reason' | 'code'>;
  readonly processes: ProcessSigns;
  readonly registry: {
    readonly serial: number;
    readonly sha256: string;
    readonly expiresAt: Date;
    /** Undefined when no statement about this registry was ever seen. */
    readonly freshUntil: Date | undefined;
    /** What live traffic is refused with. */
    readonly refusal: unknown;
    /** Whether this member may act in the alliance. */
    readonly active: boolean;
  };
  readonly blobs: BlobRoom;
  readonly expiries: readonly Expiry[];
  /** End of the certificate that this process shows. */
  readonly certificateEnd: Date;
}

/** What runs of this gateway, this process included. */
export interface ProcessSigns {
  readonly roles: readonly Role[];
  readonly others: readonly {
    readonly gateway: string;
    readonly roles: readonly Role[];
    readonly gate: GateState;
  }[];
  /** Roles that no process has. */
  readonly missing: readonly Role[];
}

export interface DatabaseSigns extends StoredSigns {
  /** How far the database's clock is ahead of ours, milliseconds. */
  readonly offsetMs: number;
  /** Seconds that the oldest waiting act has been seen to wait. */
  readonly lagSeconds: number;
  readonly deliveries: readonly OpenDeliveries[];
  readonly cosigned: readonly (Cosigned & { readonly witness: string })[];
}

export interface VitalSignsDeps {
  readonly database: Database;
  readonly registry: Pick<RegistryKeeper, 'current' | 'assertFresh' | 'freshUntil'>;
  readonly blobs: Pick<BlobStore, 'room'>;
  readonly gate: LedgerGate;
  readonly presence: Pick<Presence, 'roles' | 'others' | 'missing'>;
  readonly member: string;
  readonly clock: Clock;
  readonly certificateEnd: () => Date;
  readonly stop: { readonly stopping: boolean };
  readonly onError: (error: unknown) => void;
  /** The policy's witnesses but our own. */
  readonly witnesses: () => WitnessPolicy['witnesses'];
}

/** A database that answers later than this is as good as away to a load balancer. */
const ANSWER_MS = 2000;
const FRESH_MS = 1000;

export class VitalSignsReader {
  readonly #deps: VitalSignsDeps;
  #read: { readonly at: number; readonly signs: Promise<DatabaseSigns | undefined> } | undefined;
  #failing = false;
  #waiting: { readonly id: number; readonly since: number } | undefined;

  constructor(deps: VitalSignsDeps) {
    this.#deps = deps;
  }

  /** The database is asked once a second at most, however many probes there are; all else is as it is now. */
  async read(): Promise<VitalSigns> {
    const { gate, presence, registry, stop, clock, member, certificateEnd, blobs } = this.#deps;
    const view = registry.current();
    const [database, room] = await Promise.all([this.#database(), blobs.room()]);
    const at = clock();
    return {
      at,
      stopping: stop.stopping,
      database,
      gate: { state: gate.state, reason: gate.reason, code: gate.code },
      processes: {
        roles: [...presence.roles],
        others: presence.others(),
        missing: presence.missing(),
      },
      registry: {
        serial: view.serial,
        sha256: view.sha256,
        expiresAt: new Date(view.body.expiresAt),
        freshUntil: registry.freshUntil(),
        refusal: refusalOf(() => registry.assertFresh(at)),
        active: view.active(member),
      },
      blobs: room,
      expiries: expiriesOf(view.body, member, at),
      certificateEnd: certificateEnd(),
    };
  }

  #database(): Promise<DatabaseSigns | undefined> {
    const now = performance.now();
    if (this.#read === undefined || now - this.#read.at > FRESH_MS) {
      const signs = Promise.race([this.#answer(), silence(ANSWER_MS)]);
      this.#read = { at: now, signs };
    }
    return this.#read.signs;
  }

  /** Probes come every second: a failure is told when it begins. */
  async #answer(): Promise<DatabaseSigns | undefined> {
    try {
      const signs = await this.#ask();
      this.#failing = false;
      return signs;
    } catch (error) {
      if (!this.#failing) this.#deps.onError(error);
      this.#failing = true;
      return undefined;
    }
  }

  async #ask(): Promise<DatabaseSigns | undefined> {
    const { database, witnesses, clock } = this.#deps;
    const asked = witnesses();
    const before = clock().getTime();
    const stored = await readStoredSigns(database);
    if (stored === undefined) return undefined;
    const middle = (before + clock().getTime()) / 2;
    const [deliveries, cosigned] = await Promise.all([
      readOpenDeliveries(database),
      readLastCosigned(
        database,
        asked.map(({ vkey }) => vkey),
      ),
    ]);
    return {
      ...stored,
      offsetMs: stored.databaseMs - middle,
      lagSeconds: this.#lag(stored.oldestWaiting),
      deliveries,
      cosigned: cosigned.map((one) => ({
        ...one,
        witness: asked.find(({ vkey }) => vkey === one.vkey)?.name ?? '',
      })),
    };
  }

  /** Rows carry no time: the same one at the head of the queue, look after look, has waited since the first. */
  #lag(oldest: number | null): number {
    const now = performance.now();
    if (oldest === null) this.#waiting = undefined;
    else if (oldest !== this.#waiting?.id) this.#waiting = { id: oldest, since: now };
    return this.#waiting === undefined ? 0 : (now - this.#waiting.since) / 1000;
  }
}

function refusalOf(assert: () => void): unknown {
  try {
    assert();
    return undefined;
  } catch (error) {
    return error;
  }
}

function silence(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds).unref());
}
