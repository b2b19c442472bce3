/** The database administrator, a member with two logs, a probe of old protocols, a changed lockfile. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { buffer } from 'node:stream/consumers';
import { readLedgerKey, signNote } from '../../../src/ledger/notes/note.ts';
import { checkpointText } from '../../../src/ledger/notes/checkpoint.ts';
import { exportLedger } from '../../../src/ledger/serving/export.ts';
import { databaseSource } from '../../../src/ledger/serving/source.ts';
import { verifyLedgers } from '../../../src/ledger/verify.ts';
import { writeAddCheckpoint } from '../../../src/ledger/witness/add-checkpoint.ts';
import { readWitnessedSizes } from '../../../src/ledger/witness/witness-store.ts';
import { openDatabase } from '../../../src/storage/database.ts';
import { testCluster } from '../../world/database.ts';
import type { AttackCase, Expectation, Outcome } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import type { Threat } from '../threats.ts';

const execute = promisify(execFile);
const nothing: Expectation = { status: 0, entries: [] };
const one = (
  threat: Threat,
  name: string,
  attack: AttackCase['attack'],
  expect: Expectation = nothing,
): AttackCase => ({ name, threat, attack, expect });

/** As the gateway's own role: what someone who stole its password can do. PostgreSQL 42501: insufficient privilege. */
const asGateway = (name: string, sql: string): AttackCase =>
  one('insider-dba', `the gateway's role: ${name}`, async ({ receiver }) => {
    const code = await receiver.database.query(sql).then(
      () => 'done',
      (error: unknown) =>
        (error as { code?: string; cause?: { code?: string } }).cause?.code ??
        (error as { code?: string }).code,
    );
    return { status: code === '42501' ? 0 : -1, code: code === '42501' ? undefined : String(code) };
  });

/** As the superuser; what he did is undone afterwards, for the attacks that follow. */
const asSuperuser = (name: string, spoil: string, mend: string): AttackCase =>
  one('insider-dba', `the superuser: ${name}, and the verifier finds it`, async (world) => {
    const name_ = new URL(world.receiver.config.database.url).pathname.slice(1);
    const admin = openDatabase({ url: (await testCluster()).url(name_), poolSize: 1 });
    try {
      await admin.query('CREATE TABLE IF NOT EXISTS ledger_kept AS SELECT * FROM ledger_entry');
      await admin.query('SET session_replication_role = replica').catch(() => undefined);
      await admin.query(spoil);
      const found = !(await verifies(world));
      await admin.query(mend);
      return { status: found && (await verifies(world)) ? 0 : -1 };
    } finally {
      await admin.query('DROP TABLE IF EXISTS ledger_kept');
      await admin.close();
    }
  });

async function verifies({ receiver }: AttackWorld): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'lianzheng-dba-'));
  try {
    await exportLedger(databaseSource(receiver.database), directory);
    const { body, sha256 } = receiver.registry.current();
    const ledgers = body.members.map(({ id, ledger }) => ({
      member: id,
      origin: ledger.origin,
      vkeys: [{ vkey: ledger.vkey }],
    }));
    return (await verifyLedgers([directory], { ledgers, registryDigests: new Map([[body.serial, sha256]]) }))
      .ok;
  } catch {
    return false;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const mendRow =
  'UPDATE ledger_entry e SET body = k.body FROM ledger_kept k WHERE e.seq = k.seq AND e.body <> k.body';
const administrators: readonly AttackCase[] = [
  asGateway('changes an entry', `UPDATE ledger_entry SET body = body WHERE seq = 0`),
  asGateway('deletes an entry', `DELETE FROM ledger_entry WHERE seq = 0`),
  asGateway('empties the ledger', `TRUNCATE ledger_entry`),
  asGateway('drops the ledger', `ALTER TABLE ledger_entry RENAME TO gone`),
  asSuperuser(
    'changes an entry',
    `UPDATE ledger_entry SET body = replace(body, '"kind":"', '"kind":"x') WHERE seq = 1`,
    mendRow,
  ),
  asSuperuser(
    'swaps two entries',
    `UPDATE ledger_entry e SET body = o.body FROM ledger_kept o WHERE (e.seq = 0 AND o.seq = 1) OR (e.seq = 1 AND o.seq = 0)`,
    mendRow,
  ),
  asSuperuser(
    'deletes an entry from the middle',
    `DELETE FROM ledger_entry WHERE seq = 1`,
    `INSERT INTO ledger_entry SELECT * FROM ledger_kept WHERE seq = 1`,
  ),
];

/** The witness has seen all of bank-a's log, so that no honest checkpoint comes between this look and the attack. */
async function seenSize({ gateways, receiver }: AttackWorld): Promise<number> {
  const { ledger } = gateways['bank-a'];
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(20)) {
    const { size } = await ledger.latest();
    const seen = await readWitnessedSizes(receiver.database);
    if (seen.some((log) => log.origin === ledger.origin && log.size === size)) return size;
  }
  throw new Error("the witness of regulator-r has not seen the end of bank-a's ledger");
}

async function post(world: AttackWorld, path: string, body: string): Promise<number> {
  const { host, port } = world.receiver.config.peer;
  const { cert, key } = world.identities.sender;
  const call = request({
    host,
    port,
    method: 'POST',
    path,
    cert,
    key,
    ca: world.ca,
    servername: 'localhost',
    agent: false,
    headers: { 'content-length': Buffer.byteLength(body) },
  });
  call.end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  await buffer(response);
  return response.statusCode ?? 0;
}

/** bank-a signs what it likes with its own ledger key, and asks the witness of regulator-r. */
const checkpoint = (
  name: string,
  answer: number,
  note: (world: AttackWorld, size: number) => { origin?: string; size: number; old: number },
  entries: readonly string[] = [],
): AttackCase =>
  one(
    'ledger-fork',
    name,
    async (world): Promise<Outcome> => {
      const { gateways } = world;
      const size = await seenSize(world);
      const wanted = note(world, size);
      const key = readLedgerKey((await readFile(gateways['bank-a'].config.keys.ledger, 'utf8')).trim());
      const text = checkpointText({
        origin: wanted.origin ?? gateways['bank-a'].ledger.origin,
        size: wanted.size,
        root: Buffer.alloc(32, 7),
      });
      const status = await post(
        world,
        '/witness/add-checkpoint',
        writeAddCheckpoint({ old: wanted.old, proof: [], checkpoint: signNote(text, key) }),
      );
      return { status };
    },
    { status: answer, entries, honest: true },
  );

const forks: readonly AttackCase[] = [
  checkpoint(
    'another root for the size that was cosigned: both are kept',
    409,
    (_w, size) => ({ size, old: size - 1 }),
    ['ledger.fork'],
  ),
  checkpoint('a log that grew without a proof', 422, (_w, size) => ({ size: size + 5, old: size })),
  checkpoint('a log set back', 409, () => ({ size: 1, old: 0 })),
  checkpoint("another member's log under one's own key", 403, ({ gateways }) => ({
    origin: gateways['police-p'].ledger.origin,
    size: 3,
    old: 0,
  })),
  checkpoint("nobody's log", 404, () => ({ origin: 'evil.example/log', size: 3, old: 0 })),
];

/** Which protocols openssl can agree on with the peer plane; it must be able to at least with the newest. */
const probe = (flag: string, agreed: boolean): AttackCase =>
  one(
    'downgrade',
    `openssl s_client ${flag}: ${agreed ? 'agrees' : 'finds no common protocol'}`,
    async (world) => {
      const { host, port } = world.receiver.config.peer;
      const asked = execute(
        'openssl',
        ['s_client', flag, '-cipher', 'ALL:@SECLEVEL=0', '-connect', `${host}:${port}`],
        { timeout: 30_000 },
      );
      // It says what was agreed on, then has nothing to send.
      asked.child.stdin?.end();
      const { stdout, stderr } = await asked.catch(
        (error: unknown) => error as { stdout: string; stderr: string },
      );
      const text = `${stdout}${stderr}`;
      if (/unknown option|unrecognized|no protocols/i.test(text)) return { status: 0 };
      return { status: /New, TLSv1[.\d]*, Cipher is (?!\(NONE\))/.test(text) === agreed ? 0 : -1 };
    },
  );

const protocols: readonly AttackCase[] = [
  ...['-ssl3', '-tls1', '-tls1_1', '-tls1_2'].map((flag) => probe(flag, false)),
  probe('-tls1_3', true),
  one('downgrade', 'testssl.sh reports TLS 1.3 only', testssl),
];

const TESTSSL_MS = 100_000;

/** Debian's package; skipped with a word where it is missing, because openssl has probed the same above. */
async function testssl(world: AttackWorld): Promise<Outcome> {
  const { host, port } = world.receiver.config.peer;
  try {
    const ask = () =>
      execute(
        'testssl',
        ['--quiet', '--color', '0', '--protocols', '--warnings', 'batch', `${host}:${port}`],
        { timeout: TESTSSL_MS },
      ).catch(judged);
    // Now and then it ends without a verdict of any kind: it is asked once more, no oftener.
    const { stdout } = await ask().catch((error: unknown) => {
      const { code, killed } = error as Failure;
      if (code === 'ENOENT' || killed === true) throw error;
      return ask();
    });
    const offered = [...stdout.matchAll(/^ (SSLv2|SSLv3|TLS 1(?:\.\d)?)\s+(.*)$/gm)]
      .filter(([, , verdict]) => !/^not offered/.test(verdict!))
      .map(([, name]) => name);
    return {
      status: offered.join() === 'TLS 1.3' ? 0 : -1,
      code: offered.join() === 'TLS 1.3' ? undefined : offered.join(),
    };
  } catch (error) {
    const { code, killed } = error as Failure;
    if (code !== 'ENOENT' && killed !== true) throw error;
    console.log(
      killed === true
        ? '        (testssl took too long: not judged)'
        : '        (testssl is not installed: apt-get install testssl.sh)',
    );
    return { status: 0 };
  }
}

type Failure = NodeJS.ErrnoException & { readonly killed?: boolean; readonly stdout?: string };

/** Its exit code counts what it likes less than we do: what it says of the protocols is what is asked. */
function judged(error: Failure): { readonly stdout: string } {
  if (error.killed === true || !/^ TLS 1\.3 /m.test(error.stdout ?? '')) throw error;
  return { stdout: error.stdout ?? '' };
}

const root = new URL('../../../', import.meta.url);
interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly integrity?: string; readonly resolved?: string; readonly link?: boolean }>
  >;
}
const supply: readonly AttackCase[] = [
  one('supply-chain', 'every installed package is pinned by SHA-512', async () => {
    const { packages } = JSON.parse(await readFile(new URL('package-lock.json', root), 'utf8')) as Lock;
    const loose = Object.entries(packages).filter(
      ([path, { integrity }]) => path !== '' && integrity?.startsWith('sha512-') !== true,
    );
    return {
      status: loose.length === 0 ? 0 : -1,
      code: loose.length === 0 ? undefined : loose.map(([path]) => path).join(),
    };
  }),
  one('supply-chain', 'nothing comes from git, a path or plain http', async () => {
    const { packages } = JSON.parse(await readFile(new URL('package-lock.json', root), 'utf8')) as Lock;
    const odd = Object.values(packages).filter(
      ({ resolved, link }) => link === true || (resolved !== undefined && !resolved.startsWith('https://')),
    );
    return { status: odd.length === 0 ? 0 : -1 };
  }),
  one('supply-chain', 'every direct dependency is one exact version', async () => {
    const { dependencies, devDependencies } = JSON.parse(
      await readFile(new URL('package.json', root), 'utf8'),
    ) as Record<string, Record<string, string>>;
    const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    return { status: ranges.length === 0 ? 0 : -1 };
  }),
];

export const insiderCases: readonly AttackCase[] = [...administrators, ...forks, ...protocols, ...supply];
