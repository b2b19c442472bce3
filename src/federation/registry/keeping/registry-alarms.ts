/** Contradictions between registries: each kept as evidence and logged once; an unresolved fork stops live traffic. */
import { sha256 } from '../../../core/digest.ts';
import { GatewayError, isGatewayError } from '../../../core/errors.ts';
import { newId } from '../../../core/ids.ts';
import type { EntryDraft } from '../../../ledger/entry.ts';
import type { RegistryKeeperOptions } from '../registry-keeper.ts';
import {
  anyResolved,
  insertEvidence,
  openForks,
  takeResolved,
  type KeptEvidence,
  type RegistryEvidence,
} from './registry-store.ts';

export type RegistryAlarm = Omit<RegistryEvidence, 'seenAt'>;

/** The registry in force when the alarm is raised: what its entry is judged by. */
export interface Standing {
  readonly serial: number;
  readonly sha256: string;
}

export class RegistryAlarms {
  readonly #options: RegistryKeeperOptions;
  readonly #told = new Set<string>();
  #fork: Pick<KeptEvidence, 'id' | 'serial' | 'sha256'> | undefined;

  constructor(options: RegistryKeeperOptions) {
    this.#options = options;
  }

  /** Throws `registry.fork` while a fork waits for somebody to say which registry counts. */
  assertNone(): void {
    if (this.#fork === undefined) return;
    const { id, serial, sha256: digest } = this.#fork;
    throw new GatewayError(
      'registry.fork',
      `another registry ${serial} (${digest.slice(0, 16)}…) exists under valid signatures: live traffic waits; see lianzheng registry evidence, end it with lianzheng registry resolve ${id}`,
      { facts: { serial, sha256: digest, evidence: id } },
    );
  }

  /** Resolves once the evidence is stored; true the first time in this process. Stored and logged once for all. */
  async raise(alarm: RegistryAlarm, standing: Standing): Promise<boolean> {
    const key = `${alarm.code} ${alarm.sha256}`;
    if (this.#told.has(key)) return false;
    const isNew = await this.#keep(alarm, standing);
    this.#told.add(key);
    if (alarm.stopsTraffic) await this.look(standing);
    this.#options.onAlarm?.({ ...alarm, isNew });
    return true;
  }

  /** Another process, or a command, may have found a fork or resolved one. */
  async look(standing: Standing): Promise<void> {
    const { database } = this.#options;
    [this.#fork] = await openForks(database);
    if (await anyResolved(database)) await this.#logResolved(standing);
  }

  /** A ledger that takes no entries must not lose the evidence. */
  async #keep(alarm: RegistryAlarm, standing: Standing): Promise<boolean> {
    const { database, ledger } = this.#options;
    const evidence = { ...alarm, seenAt: this.#options.clock() };
    const ledgerKey = sha256(`alarm|${alarm.code}|${alarm.sha256}`);
    try {
      return await database.transaction(
        async (tx) => {
          if (!(await insertEvidence(tx, evidence))) return false;
          await ledger.append(tx, this.#entry(alarm, standing, 'registry.alarm'), ledgerKey);
          return true;
        },
        { durable: true },
      );
    } catch (error) {
      if (!isGatewayError(error) || !/^ledger\.|^gateway\.no-sequencer$/.test(error.code)) throw error;
      return insertEvidence(database, evidence);
    }
  }

  async #logResolved(standing: Standing): Promise<void> {
    const { database, ledger } = this.#options;
    await database.transaction(
      async (tx) => {
        for (const evidence of await takeResolved(tx)) {
          await ledger.append(tx, this.#entry(evidence, standing, 'registry.resolved'));
        }
      },
      { durable: true },
    );
  }

  #entry(alarm: RegistryAlarm, standing: Standing, kind: string): EntryDraft {
    const { member, anchors, clock } = this.#options;
    return {
      id: newId(),
      at: clock().toISOString(),
      kind,
      member,
      ...(alarm.source === 'directory' ? {} : { peer: alarm.source }),
      basis: [],
      registry: standing,
      subject: { type: 'registry', id: `${anchors.alliance}/${alarm.serial}`, sha256: alarm.sha256 },
      code: alarm.code,
      actor: kind === 'registry.resolved' ? 'operator' : 'gateway',
    };
  }
}

/** What whoever showed it is answered. */
export function errorOf({ code, serial, sha256, source }: RegistryAlarm): GatewayError {
  if (code === 'registry.rollback')
    return new GatewayError(code, undefined, { facts: { serial, sha256, source } });
  const said =
    code === 'registry.stated-fork'
      ? 'the freshness signer names another registry under our serial'
      : undefined;
  return new GatewayError('registry.fork', said, { facts: { serial, sha256, source } });
}
