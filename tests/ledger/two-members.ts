/** Two members with real ledgers in databases of their own, that exchange messages; their administrators may do anything. */
import { join } from 'node:path';
import pg from 'pg';
import { newId } from '../../src/core/ids.ts';
import type { EntryDraft, EntryRef } from '../../src/ledger/entry.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts';
import type { LedgerKey } from '../../src/ledger/notes/note.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { createTestDatabase } from '../world/database.ts';
import { draft, ledgerKey } from './drafts.ts';

export class LedgerMember {
  readonly id: string;
  readonly origin: string;
  readonly key: LedgerKey;
  /** As the database's administrator. */
  #administratorUrl = '';
  #url = '';
  #database: Database | undefined;
  #ledger: Ledger | undefined;

  constructor(id: string) {
    this.id = id;
    this.origin = `${id}.example/ledger`;
    this.key = ledgerKey(this.origin);
  }

  async create(): Promise<void> {
    const world = await createTestDatabase();
    await world.close();
    [this.#url, this.#administratorUrl] = [world.url, world.superuserUrl];
    await this.start();
  }

  async start(): Promise<void> {
    const { id: member, origin, key } = this;
    this.#database = openDatabase({ url: this.#url, poolSize: 4 });
    this.#ledger = await openLedger({
      database: this.#database,
      member,
      origin,
      key,
      clock: () => new Date(),
    });
  }

  async stop(): Promise<void> {
    await this.#ledger?.close();
    await this.#database?.close();
  }

  async append(entry: EntryDraft): Promise<Required<EntryRef>> {
    const { origin } = this;
    const key = await this.#database!.transaction((tx) =>
      this.#ledger!.append(tx, { ...entry, member: this.id }),
    );
    const { index, leaf, size, root } = await this.#ledger!.settle(key);
    return { origin, index, leaf, size, root };
  }

  checkpoint(): Promise<string> {
    return this.#ledger!.latest().then((latest) => latest.checkpoint);
  }

  async asAdministrator<T>(
    work: (client: pg.Client) => Promise<T>,
    url = this.#administratorUrl,
  ): Promise<T> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return work(client).finally(() => client.end());
  }

  /** A copy of the whole database; the member must be stopped. */
  async backUp(name: string): Promise<void> {
    const statement = `CREATE DATABASE ${this.#name()}_${name} TEMPLATE ${this.#name()}`;
    const url = onDatabase(this.#administratorUrl, 'postgres');
    await this.asAdministrator((client) => client.query(statement), url);
  }

  /** From now on the member runs on the copy. */
  restore(name: string): void {
    const copy = `${this.#name()}_${name}`;
    [this.#url, this.#administratorUrl] = [
      onDatabase(this.#url, copy),
      onDatabase(this.#administratorUrl, copy),
    ];
  }

  async export(directory: string): Promise<string> {
    const target = join(directory, `${this.id}-${newId()}`);
    await exportLedger(databaseSource(this.#database!), target);
    return target;
  }

  trusted() {
    return { member: this.id, origin: this.origin, vkeys: [{ vkey: this.key.vkey }] };
  }

  #name(): string {
    return new URL(this.#url).pathname.slice(1);
  }
}

function onDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

/** One message from `a` to `b` at the time `at`: offered, accepted, acknowledged, each naming the one before. */
export async function exchange(a: LedgerMember, b: LedgerMember, at: string): Promise<void> {
  const mid = newId();
  const act = (kind: string, peer: LedgerMember, dir: 'in' | 'out', counter?: EntryRef): EntryDraft => {
    return draft({ at, kind, peer: peer.id, pair: { peer: peer.id, dir }, mid, ...(counter && { counter }) });
  };
  const offered = await a.append(act('message.offered', b, 'out'));
  const accepted = await b.append(act('message.accepted', a, 'in', offered));
  await a.append(act('message.acknowledged', b, 'out', accepted));
}
