/**
 * A gateway process of the fault tests: a real ledger, its sequencer and callers that append until they are killed. Every
 * entry that was confirmed to a caller is a line `key index leaf` on standard output, written before anything else happens;
 * the first line is `open`.
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { once } from 'node:events';
import { openLedger, type Ledger } from '../../../src/ledger/ledger.ts';
import { readLedgerKey } from '../../../src/ledger/notes/note.ts';
import { openDatabase } from '../../../src/storage/database.ts';
import { draft, MEMBER, offer, ORIGIN } from '../../ledger/drafts.ts';

export interface ChildSettings {
  readonly url: string;
  readonly privateKey: string;
  readonly appenders: number;
}

const STDOUT = 1;
const PEERS = 3;

// A process may load ahead of its turn: it begins when its settings come.
const [line] = (await once(process.stdin, 'data')) as [Buffer];
const { url, privateKey, appenders } = JSON.parse(line.toString()) as ChildSettings;
let stopping = false;
process.stdin.on('data', () => (stopping = true));
process.stdin.on('end', () => process.exit(0));

const database = openDatabase({ url, poolSize: 8 });
const key = readLedgerKey(privateKey);
const onError = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
const ledger = await openLedger({
  database,
  member: MEMBER,
  origin: ORIGIN,
  key,
  clock: () => new Date(),
  onError,
});
writeSync(STDOUT, 'open\n');
await Promise.all(Array.from({ length: appenders }, (_, n) => appendOn(ledger, n)));
await ledger.close();
await database.close();
process.exit(0);

/** A call that fails has an unknown outcome; it is asked for again by the same key, as a caller would. */
async function appendOn(log: Ledger, n: number): Promise<void> {
  while (!stopping) {
    const id = randomBytes(32);
    const entry = n % 2 === 0 ? offer(`peer-${n % PEERS}`) : draft();
    for (;;) {
      try {
        await database.transaction((tx) => log.append(tx, entry, id));
        const { index, leaf } = await log.settle(id, 2000);
        writeSync(STDOUT, `${id.toString('hex')} ${index} ${leaf}\n`);
        break;
      } catch (error) {
        onError(error);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}
