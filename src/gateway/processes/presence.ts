/** Tells the other processes of this gateway each second that we are here, hears who they are, and sets the gate by it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerGate } from '../../ledger/gate.ts';
import type { Database } from '../../storage/database.ts';
import { beat, leave, type Beat, type ProcessRow } from './process-store.ts';
import type { Role, Roles } from './roles.ts';
import { missingRoles, verdictOf } from './standing-of-others.ts';

export interface Presence {
  readonly roles: Roles;
  others(): readonly ProcessRow[];
  /** Roles that no process has had for some seconds. */
  missing(): readonly Role[];
  close(): Promise<void>;
}

export interface PresenceDeps {
  readonly database: Database;
  /** The `gateway` setting. */
  readonly gateway: string;
  readonly roles: Roles;
  readonly gate: LedgerGate;
  readonly onError: (error: unknown) => void;
}

const BEAT_MS = 1000;
const ALIVE_SECONDS = 5;
/** A process that is started again is no reason to refuse: callers wait for their entries longer than this. */
const PATIENCE_MS = 3000;

/** Resolves when it has looked once. */
export async function keepPresence(deps: PresenceDeps): Promise<Presence> {
  const keeper = new Keeper(deps);
  await keeper.look();
  keeper.start();
  return keeper;
}

class Keeper implements Presence {
  readonly roles: Roles;
  readonly #deps: PresenceDeps;
  readonly #id = randomUUID();
  readonly #stop = new AbortController();
  readonly #since = new Map<Role, number>();
  #others: readonly ProcessRow[] = [];
  #missing: readonly Role[] = [];
  #seen: NonNullable<Beat['head']> | undefined;
  /** A quarantine that others found is theirs to tell: told on by us it would outlive every restart of theirs. */
  #echoes = false;
  #failing = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
    this.roles = deps.roles;
  }

  others(): readonly ProcessRow[] {
    return this.#others;
  }

  missing(): readonly Role[] {
    return this.#missing;
  }

  start(): void {
    this.#ended = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
    await leave(this.#deps.database, this.#id).catch(this.#deps.onError);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await sleep(BEAT_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.look();
    }
  }

  /** While the database is away nobody can be heard: nothing is concluded, and patience begins anew. */
  async look(): Promise<void> {
    const { database, onError } = this.#deps;
    try {
      this.#judge(await beat(database, this.#row(), ALIVE_SECONDS));
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) onError(error);
      this.#failing = true;
      this.#since.clear();
    }
  }

  #row(): ProcessRow {
    const { gateway, roles, gate } = this.#deps;
    const told = this.#echoes ? 'waiting' : gate.state;
    return { id: this.#id, gateway, roles: [...roles], gate: told, reason: gate.reason };
  }

  #judge({ others, head }: Beat): void {
    const { gate, roles } = this.#deps;
    this.#others = others;
    this.#missing = this.#longMissing(missingRoles(roles, others));
    this.#noticeSetBack(head);
    const verdict = verdictOf(roles, others, this.#missing);
    if (verdict?.state === 'open') gate.open();
    if (verdict?.state === 'waiting') gate.shut(verdict.reason, verdict.code);
    if (verdict?.state !== 'quarantined' || gate.state === 'quarantined') return;
    this.#echoes = true;
    gate.quarantine(verdict.reason);
  }

  #longMissing(missing: readonly Role[]): readonly Role[] {
    const now = performance.now();
    for (const role of this.#since.keys()) if (!missing.includes(role)) this.#since.delete(role);
    for (const role of missing) if (!this.#since.has(role)) this.#since.set(role, now);
    return missing.filter((role) => now - (this.#since.get(role) ?? now) >= PATIENCE_MS);
  }

  /** The sequencer looks at each batch; whoever may take over from it must have looked, too. */
  #noticeSetBack(head: Beat['head']): void {
    const seen = this.#seen;
    if (head === undefined) return;
    this.#seen = head;
    if (seen === undefined || head.size > seen.size || (head.size === seen.size && head.root === seen.root))
      return;
    this.#deps.gate.quarantine(
      `this process saw ${seen.size} entries, the database now has ${head.size} or others: it was set back`,
    );
  }
}
