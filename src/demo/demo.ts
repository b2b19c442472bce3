/** `lianzheng demo`: founds an alliance of five on this machine, runs the main job as its users would, and stays up. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { programRoot } from '../config.ts';
import { GatewayError } from '../core/errors.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../storage/embedded-postgres.ts';
import { alterCopies, auditLedgers, untilQuiet, type FetchedLedger } from './audit.ts';
import { cast } from './cast.ts';
import { foundAlliance, type FoundedAlliance } from './found-alliance.ts';
import { createNarrator, seconds, type Narrator } from './narrator.ts';
import { pushFeatures, screenApplicants } from './share-features.ts';
import { openStage, type Stage } from './stage.ts';
import { requestEvidence, transferCase } from './transfer-case.ts';

export interface DemoOptions {
  /** Ends after the last step. */
  readonly once: boolean;
  /** The last line of standard output is one JSON object. */
  readonly json: boolean;
  readonly directory?: string;
}

/** Marks a directory that the demo made; holds the process that uses it. */
const MARK = '.lianzheng-demo';

/** Returns the exit code: 0, or 1 when a step failed. */
export async function demo(options: DemoOptions): Promise<number> {
  const narrator = createNarrator((text) => void process.stderr.write(text));
  const directory = resolve(options.directory ?? join(programRoot, '.lianzheng', 'demo'));
  await emptyDirectory(directory);
  const interrupted = interruption();
  let stage: Stage | undefined;
  try {
    stage = await narrator.step(
      'found',
      'Founding the alliance: PostgreSQL, certificates, signed registry, five gateways',
      () => setUp(directory, narrator),
    );
    const result = await Promise.race([tell(stage), interrupted.then(stopped)]);
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    if (!options.once) await stayUp(stage, interrupted);
    return 0;
  } catch (error) {
    process.stderr.write(
      `\nlianzheng demo failed: ${error instanceof Error ? error.message : String(error)}\nLogs: ${directory}\n`,
    );
    if (options.json)
      process.stdout.write(`${JSON.stringify({ ok: false, dir: directory, timings: narrator.timings })}\n`);
    return 1;
  } finally {
    await stage?.close();
  }
}

async function setUp(directory: string, narrator: Narrator): Promise<Stage> {
  const cluster = await startEmbeddedPostgres();
  await writeFile(
    join(directory, 'postgres.json'),
    JSON.stringify({ directory: cluster.directory, port: cluster.port }),
  );
  const alliance = await found(directory, cluster);
  narrator.say(
    `registry ${alliance.registry.body.serial} signed by 2 of 3 operators, ${alliance.members.length} members`,
  );
  return openStage(alliance, cluster, narrator);
}

async function found(directory: string, cluster: EmbeddedPostgres): Promise<FoundedAlliance> {
  try {
    return await foundAlliance({ directory, cluster, members: cast });
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** The six steps, each as a user would do it: through the CLI and HTTP. */
async function tell(stage: Stage) {
  const { narrator } = stage;
  await narrator.step(
    'push',
    '1. An institution pushes features of illegal brokers to the sharing group',
    () => pushFeatures(stage),
  );
  await narrator.step('screen', '2. The other institution screens applicants', () => screenApplicants(stage));
  const bundle = await narrator.step('transfer', '3. The regulator transfers a case to the police', () =>
    transferCase(stage),
  );
  await narrator.step('evidence', '4. The police request evidence; the bank releases it', () =>
    requestEvidence(stage),
  );
  const ledgers = await narrator.step('audit', "5. The auditor verifies every member's ledger", () =>
    auditLedgers(stage),
  );
  await narrator.step('alter', '6. Copies are altered; both verifications name what is wrong', () =>
    alterCopies(stage, bundle.file, ledgers),
  );
  await untilQuiet(stage);
  return resultOf(stage, bundle.file, ledgers);
}

function resultOf(stage: Stage, bundle: string, ledgers: readonly FetchedLedger[]) {
  const { alliance, directory, narrator } = stage;
  return {
    ok: true,
    dir: directory,
    anchors: alliance.anchorsPath,
    bundle,
    members: alliance.members.map(({ cast: { id, role }, config, registered }) => ({
      id,
      role,
      peer: `https://${config.peer.authority}`,
      member: `http://${config.memberPlane.host}:${config.memberPlane.port}`,
      ledger: { ...registered.ledger, export: ledgers.find(({ member }) => member === id)?.directory },
    })),
    timings: narrator.timings,
  };
}

async function stayUp(stage: Stage, interrupted: Promise<void>): Promise<void> {
  const { narrator, alliance, directory } = stage;
  const total = Object.values(narrator.timings).reduce((sum, time) => sum + time, 0);
  process.stderr.write(`\n── The story took ${seconds(total)}. The alliance stays up until Ctrl-C.\n`);
  for (const {
    cast: { id, name },
    config,
  } of alliance.members) {
    narrator.say(
      `${id.padEnd(12)} ${name}  API http://${config.memberPlane.host}:${config.memberPlane.port}  peers https://${config.peer.authority}`,
    );
  }
  narrator.say(`tokens: ${directory}/members/<id>/token   anchors: ${alliance.anchorsPath}`);
  await interrupted;
  process.stderr.write('\nStopping …\n');
}

function stopped(): never {
  throw new Error('interrupted before the story ended');
}

/** Resolves at Ctrl-C, also when it comes before the story has ended. */
function interruption(): Promise<void> {
  return new Promise((resolve) => {
    // npm hands a terminal's Ctrl-C on a second time: the listener stays.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
}

/** Only a directory that an ended demo made is emptied. */
async function emptyDirectory(directory: string): Promise<void> {
  if (existsSync(directory) && (await readdir(directory)).length > 0) {
    const mark = await readFile(join(directory, MARK), 'utf8').catch(() => undefined);
    if (mark === undefined)
      refuse(`${directory} is not empty and was not made by the demo; give another --dir`);
    if (isRunning(Number(mark)))
      refuse(`a demo runs in ${directory} (process ${mark}); stop it or give another --dir`);
    await rm(directory, { recursive: true, force: true });
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, MARK), String(process.pid));
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1 || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function refuse(message: string): never {
  throw new GatewayError('config.invalid', message);
}
