/** The conductor: three gateways as processes, a wire on every edge, what was asked of them, and the way back to quiet. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { FoundedAlliance } from '../../../src/demo/found-alliance.ts';
import { testCluster } from '../../world/database.ts';
import { atExit } from './at-exit.ts';
import { pidOfPort } from './callers.ts';
import { foundWorld, MEMBERS, type Foundation, type FoundedPlace, type Member } from './found-world.ts';
import { GatewayProcess, type StartOptions } from './gateway-process.ts';
import { buildProgram } from './program.ts';
import { Recorder } from './recorder.ts';
import type { Weather } from './weather.ts';

export type WorldOptions = Partial<Pick<Foundation, 'cluster' | 'ownClusters' | 'blobs'>> & {
  /** Entry of the program; default the sound one. */
  readonly main?: string;
  /** How long it may take until nothing is under way. */
  readonly quietMs?: number;
};

const KEPT = process.env['LIANZHENG_FAULTS_KEEP'] === '1';
const FRESHNESS_MS = 60_000;
const QUIET_MS = 120_000;

export class FaultWorld {
  readonly directory: string;
  readonly recorder: Recorder;
  readonly alliance: FoundedAlliance;
  readonly places: ReadonlyMap<string, FoundedPlace>;
  readonly #gateways: ReadonlyMap<string, GatewayProcess>;
  readonly #signer: NodeJS.Timeout;
  readonly #quietMs: number;

  private constructor(founded: FoundedParts) {
    this.directory = founded.directory;
    this.alliance = founded.alliance;
    this.recorder = new Recorder(join(founded.directory, 'operations.jsonl'));
    this.places = new Map(founded.places.map((place) => [place.member, place]));
    this.#gateways = founded.gateways;
    this.#quietMs = founded.quietMs;
    this.#signer = setInterval(
      () => void this.alliance.refresh().catch(() => undefined),
      FRESHNESS_MS,
    ).unref();
  }

  static async open(options: WorldOptions = {}): Promise<FaultWorld> {
    const directory = mkdtempSync(join(tmpdir(), 'lianzheng-faults-'));
    const remove = (): void => rmSync(directory, { recursive: true, force: true });
    if (KEPT) process.stdout.write(`    kept: ${directory}\n`);
    else atExit(remove);
    const gateways = new Map<string, GatewayProcess>();
    const callerOf = (port: number): string => {
      const processes = [...gateways.values()].filter(({ pid }) => pid !== undefined);
      const pid = pidOfPort(
        port,
        processes.map((one) => one.pid!),
      );
      return processes.find((one) => one.pid === pid)?.place.member ?? '';
    };
    const main = options.main ?? buildProgram();
    const cluster = options.cluster ?? (await testCluster());
    const { alliance, places } = await foundWorld({ ...options, directory, cluster, callerOf });
    for (const place of places) gateways.set(place.member, new GatewayProcess(place, main));
    const world = new FaultWorld({
      ...{ directory, alliance, places, gateways },
      quietMs: options.quietMs ?? QUIET_MS,
    });
    await world.startAll();
    return world;
  }

  gateway(member: Member): GatewayProcess {
    return this.#gateways.get(member)!;
  }

  place(member: Member): FoundedPlace {
    return this.places.get(member)!;
  }

  /** Those that are down; they ask each other for clearance, so together. */
  async startAll(): Promise<void> {
    const down = MEMBERS.filter((member) => !this.gateway(member).isUp);
    await Promise.all(down.map((member) => this.start(member)));
  }

  async start(member: Member, options: StartOptions = {}): Promise<void> {
    await this.forgetLeases(member);
    await this.gateway(member).start(options);
  }

  /** Of calls from one member to another, connections that are open included. */
  weather(from: Member, to: Member, weather: Weather): void {
    this.place(to).front.set(weather, from);
  }

  heal(): void {
    for (const { front, toDatabase } of this.places.values()) {
      front.heal();
      toDatabase.heal();
    }
  }

  async asAdministrator<T>(member: Member, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.place(member).superuserUrl });
    client.on('error', () => undefined);
    await client.connect();
    return work(client).finally(() => client.end());
  }

  /** Heals every wire, starts who is down and waits until nothing is under way. */
  async quiesce(timeoutMs = this.#quietMs): Promise<void> {
    this.heal();
    await this.startAll();
    const deadline = Date.now() + timeoutMs;
    let before = '';
    for (;;) {
      const open = await Promise.all(MEMBERS.map((member) => this.#underWay(member)));
      const now = open.map(({ size }) => size).join(' ');
      if (open.every(({ what }) => what === '') && now === before) return;
      if (Date.now() > deadline) throw new Error(`not quiet: ${JSON.stringify(open)}`);
      before = now;
      await Promise.all(MEMBERS.map((member) => this.hurry(member)));
      await sleep(300);
    }
  }

  /**
   * Spares the waits of minutes after failed attempts, where they are not what is tested. What was claimed 40 s ago (the
   * lease has 90) has no call under way any more: its outcome could not be stored.
   */
  async hurry(member: Member): Promise<void> {
    await this.asAdministrator(member, async (db) => {
      await db.query(
        `UPDATE delivery SET due_at = now() WHERE due_at > now()
           AND (state = 'pending' OR due_at < now() + interval '50 s')`,
      );
      await db.query(
        `UPDATE packet_inbound SET next_attempt_at = now() WHERE next_attempt_at > now() AND state IN ('offered', 'pulling', 'pulled')`,
      );
    });
  }

  /** What a process that died holds: only to be called while it is down. */
  async forgetLeases(member: Member): Promise<void> {
    if (this.gateway(member).isUp) return;
    await this.asAdministrator(member, async (db) => {
      await db.query(`UPDATE ledger_lease SET expires_at = '-infinity'`);
      await db.query(`UPDATE delivery SET due_at = now() WHERE state = 'sent'`);
      await db.query(`UPDATE packet_inbound SET claimed_until = NULL`);
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#signer);
    this.heal();
    await Promise.all([...this.#gateways.values()].map((gateway) => gateway.kill()));
    for (const { front, toDatabase } of this.places.values())
      await Promise.all([front.close(), toDatabase.close()]);
    if (!KEPT) rmSync(this.directory, { recursive: true, force: true });
  }

  async #underWay(member: Member): Promise<{ readonly what: string; readonly size: string }> {
    const { rows } = await this.asAdministrator(member, (db) =>
      db.query<{ deliveries: string; intake: string; pulls: string; size: string }>(
        `SELECT (SELECT count(*) FROM delivery WHERE state IN ('pending', 'sent')) AS deliveries,
           (SELECT count(*) FROM ledger_intake) AS intake,
           (SELECT count(*) FROM packet_inbound WHERE state IN ('offered', 'pulling', 'pulled')) AS pulls,
           (SELECT size FROM ledger_head) AS size`,
      ),
    );
    const { deliveries, intake, pulls, size } = rows[0]!;
    const idle = deliveries === '0' && intake === '0' && pulls === '0';
    return {
      what: idle ? '' : `${member}: ${deliveries} deliveries, ${intake} entries, ${pulls} pulls`,
      size,
    };
  }
}

interface FoundedParts {
  readonly directory: string;
  readonly alliance: FoundedAlliance;
  readonly places: readonly FoundedPlace[];
  readonly gateways: ReadonlyMap<string, GatewayProcess>;
  readonly quietMs: number;
}
