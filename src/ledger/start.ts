/** What must hold before a ledger opens: a database that keeps what it confirms, and the log we think it is. */
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Database } from '../storage/database.ts';
import { checkpointText, readCheckpoint } from './notes/checkpoint.ts';
import { signNote, verifyNote, type LedgerKey } from './notes/note.ts';
import { createLog, readHead, readSafety } from './start-store.ts';
import { EMPTY_ROOT, Frontier } from './tree/merkle.ts';
import { frontierLength } from './tree/sm3-tree.ts';

/** Throws ledger.unsafe-database. */
export async function assertSafeDatabase(database: Database): Promise<void> {
  const { settings, rewritable } = await readSafety(database);
  const off = Object.keys(settings).filter((name) => settings[name] === 'off');
  if (off.length > 0) {
    throw new GatewayError('ledger.unsafe-database', `PostgreSQL has ${off.join(', ')} off; turn it on`);
  }
  if (rewritable.length > 0) {
    throw new GatewayError(
      'ledger.unsafe-database',
      `this role may UPDATE, DELETE or TRUNCATE ${rewritable.join(', ')}; connect as the role that lianzheng migrate grants to`,
    );
  }
}

export interface LogIdentity {
  readonly origin: string;
  readonly key: LedgerKey;
  /** Keys that this log signed with before the present one. */
  readonly previousVkeys: readonly string[];
}

/** Signs the size-0 checkpoint of a new log; of an old one checks that head, frontier and checkpoint agree. */
export async function openLog(database: Database, log: LogIdentity, clock: Clock): Promise<void> {
  // c2sp.org/tlog-checkpoint: the key's name should be the origin; tools look for the key by it.
  if (log.key.name !== log.origin) {
    throw new GatewayError('config.invalid', `ledger key is named ${log.key.name}, the log ${log.origin}`);
  }
  const note = signNote(checkpointText({ origin: log.origin, size: 0, root: EMPTY_ROOT }), log.key);
  await createLog(database, { origin: log.origin, root: EMPTY_ROOT, note, madeAt: clock() });
  const head = await readHead(database);
  if (head?.origin !== log.origin) {
    throw new GatewayError('config.invalid', `the database holds the log ${head?.origin}, not ${log.origin}`);
  }
  const root = new Frontier(head.size, head.frontier).root();
  if (!root.equals(head.root) || head.note === null || !readCheckpoint(head.note).root.equals(root)) {
    throw new GatewayError(
      'ledger.proof-invalid',
      `ledger head and checkpoint of size ${head.size} disagree: the tables were altered; export, verify, call the auditor`,
    );
  }
  // Which hashes these are only an audit can say; a frontier of another size would spoil every anchor to come.
  if (head.sm3Size !== head.size || head.sm3Frontier.length !== frontierLength(head.size)) {
    throw new GatewayError(
      'ledger.proof-invalid',
      `ledger head has no SM3 frontier of size ${head.size}: the tables were altered or not migrated; run lianzheng migrate`,
    );
  }
  verifyNote(head.note, [log.key.vkey, ...log.previousVkeys]);
}
