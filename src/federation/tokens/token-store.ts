/** Token ids that were used: each (issuer, jti) once. */
import type { Clock } from '../../core/clock.ts';
import { Gathering } from '../../core/gathering.ts';
import type { MemberId } from '../../core/ids.ts';
import type { Database } from '../../storage/database.ts';
import { believedTime } from './believed-time.ts';

export interface TokenIdStore {
  /** False when this process has met the token lately. Stores nothing: it only spares work for the commonest replay. */
  meet(issuer: MemberId, jti: string): boolean;
  /** False when this issuer's token was used before. `exp` in POSIX seconds. */
  insert(issuer: MemberId, jti: string, exp: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface TokenIdOptions {
  /** A pool opened with `synchronousCommit: 'off'`: (issuer, mid) carries the effect's uniqueness, not this table. */
  readonly database: Database;
  readonly clock: Clock;
  readonly skewSeconds?: number;
  /** false: another process removes what is past its time. */
  readonly purges?: boolean;
  readonly onError?: (error: unknown) => void;
}

interface TokenId {
  readonly issuer: MemberId;
  readonly jti: string;
  readonly exp: number;
}

const PURGE_MS = 30_000;
/** Past expiry and skew a token is refused by time alone; the rest is for a clock that steps back. */
const PURGE_MARGIN_SECONDS = 120;
/** Five minutes of looks: every token that was accepted before a clock went wrong has expired by then. */
const LOOKS_TO_BELIEVE = 10;
const MAX_TOGETHER = 64;
/** Of one generation. */
const MET_LATELY = 2048;

export function openTokenIdStore(options: TokenIdOptions): TokenIdStore {
  const { database, clock, skewSeconds = 60, purges = true, onError } = options;
  const inserts = new Gathering<TokenId, boolean>({
    take: (waiting) => Math.min(waiting.length, MAX_TOGETHER),
    work: (ids) => insertTogether(database, ids),
  });
  const time = believedTime(clock, LOOKS_TO_BELIEVE);
  const purge = (): void => {
    const now = time();
    if (now === undefined) return;
    const before = Math.floor(now / 1000) - skewSeconds - PURGE_MARGIN_SECONDS;
    purgeTokenIds(database, before).catch((e: unknown) => onError?.(e));
  };
  const timer = purges ? setInterval(purge, PURGE_MS).unref() : undefined;

  const met = new Lately();

  return {
    meet: (issuer, jti) => met.add(`${issuer} ${jti}`),
    insert: (issuer, jti, exp) => inserts.add({ issuer, jti, exp }),
    close: async () => {
      clearInterval(timer);
      await inserts.settled();
    },
  };
}

/** Some thousand names, the newest. They leave by the generation (decision 28). */
class Lately {
  #young = new Set<string>();
  #old: ReadonlySet<string> = new Set();

  /** False when it is in here already. */
  add(name: string): boolean {
    if (this.#young.has(name) || this.#old.has(name)) return false;
    if (this.#young.size >= MET_LATELY) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(name);
    return true;
  }
}

/** Exactly one of two equal tokens wins, in the same batch or across processes; in the index's order, so that none deadlock. */
async function insertTogether(database: Database, ids: readonly TokenId[]): Promise<readonly boolean[]> {
  const { rows } = await database.query<{ issuer: string; jti: string }>(
    `INSERT INTO token_id (issuer, jti, exp) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
     ORDER BY 1, 2 ON CONFLICT DO NOTHING RETURNING issuer, jti`,
    [ids.map((one) => one.issuer), ids.map((one) => one.jti), ids.map((one) => one.exp)],
  );
  const inserted = new Set(rows.map(({ issuer, jti }) => `${issuer} ${jti}`));
  return ids.map(({ issuer, jti }) => inserted.delete(`${issuer} ${jti}`));
}

export async function purgeTokenIds(database: Database, before: number): Promise<number> {
  const { rowCount } = await database.query('DELETE FROM token_id WHERE exp < $1', [before]);
  return rowCount ?? 0;
}
