/**
 * The program: hands the CLI what only the composition root can do, and ends with the command's exit code. What a
 * gateway needs is loaded when one is asked for: a verifier starts without Express and PostgreSQL.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildProgram } from './cli/program.ts';
import { programRoot, programSchemas, readConfig } from './config.ts';
import { GatewayError } from './core/errors.ts';

// `lianzheng … | head` is no failure: who reads has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

const program = buildProgram({
  version: (JSON.parse(readFileSync(join(programRoot, 'package.json'), 'utf8')) as { version: string })
    .version,
  schemas: programSchemas,
  serve,
  migrate: async (configPath) => {
    const { ownerUrl, url } = readConfig(configPath).database;
    if (ownerUrl === undefined)
      throw new GatewayError('config.invalid', 'database.ownerUrl is not set: migrations run as the owner');
    const { migrate } = await import('./storage/migrate.ts');
    return migrate(ownerUrl, decodeURIComponent(new URL(url).username));
  },
  demo: async (options) => (await import('./demo/demo.ts')).demo(options),
  makeNextLedgerKey: async (config) => (await import('./ledger-keys.ts')).makeNextLedgerKey(config),
  registryEvidence: async (config) => (await import('./registry-evidence.ts')).registryEvidence(config),
  resolveRegistry: async (config, resolution) =>
    (await import('./registry-evidence.ts')).resolveRegistry(config, resolution),
  ownLedger: async (config) => (await import('./ledger-access.ts')).ownLedger(config),
  followLedgers: async (config) => (await import('./follow-ledgers.ts')).followLedgers(config),
  peerLedger: async (config, member) => (await import('./ledger-access.ts')).peerLedger(config, member),
});
process.exitCode = await program.run(process.argv.slice(2));

async function serve(configPaths: readonly string[]): Promise<void> {
  const { openGateways } = await import('./compartments.ts');
  const opened = await openGateways(configPaths);
  for (const { gateway, logger } of opened.gateways) {
    logger.info(
      { peer: gateway.peerUrl, member: gateway.memberUrl, ledger: gateway.ledger.origin },
      'gateway is up',
    );
  }
  const signal = await toldToStop();
  for (const { logger } of opened.gateways)
    logger.info({ signal }, 'stopping: no new requests, running ones may end');
  await opened.close();
  // A supervisor's pipe would keep this process alive.
  process.stdin.destroy();
  for (const { logger } of opened.gateways) logger.info({}, 'stopped');
}

/** A supervisor may hold our standard input open and let go of it, by dying too, to stop us. */
function toldToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
    if (process.env['LIANZHENG_STOP_WITH_STDIN'] !== '1') return;
    process.stdin.once('end', () => resolve('standard input closed')).resume();
  });
}
