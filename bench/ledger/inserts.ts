/** Child of `bench -- ledger`, its baseline: 64 connections, each INSERT a durable commit of its own. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { completeEntry } from '../../src/ledger/entry.ts';
import { draftOf } from './drafts.ts';
import { LANES, runLanes, serveLoad } from './load.ts';

const clients = await Promise.all(
  Array.from({ length: LANES }, async () => {
    const client = new pg.Client({ connectionString: process.argv[2] });
    await client.connect();
    return client;
  }),
);
await clients[0]!.query(`CREATE TABLE plain (id bigserial PRIMARY KEY, body text NOT NULL)`);
const hash = randomBytes(32).toString('hex');
let made = 0;

serveLoad((command) => {
  if ('grow' in command) throw new Error('the plain table does not grow by itself');
  return runLanes(command.measure, insertOne);
});

/** The same body as an entry, made the same way, so that both processes do the same work before they write. */
async function insertOne(lane: number): Promise<void> {
  const seq = made++;
  const body = completeEntry(draftOf(seq), { seq, prev: hash, pair: { n: seq + 1, prev: hash } });
  await clients[lane]!.query({
    name: 'insert',
    text: 'INSERT INTO plain (body) VALUES ($1)',
    values: [body],
  });
}
