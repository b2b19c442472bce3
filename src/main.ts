/**
 * The program: hands the CLI what only the composition root can do, and ends with the command's exit code. What a
 * gateway needs is loaded when one is asked for: a verifier starts without Express and PostgreSQL.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import type { ServeOptions } from './cli/hooks.ts';
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
  makeNext: async (order) => (await import('./rotation.ts')).makeNext(order),
  examine: async (config) => (await import('./doctor.ts')).examine(config),
  ownLedger: async (config) => (await import('./ledger-access.ts')).ownLedger(config),
  diagnose: async (order) => (await import('./diagnose.ts')).diagnoseCapture(order),
  followLedgers: async (config) => (await import('./follow-ledgers.ts')).followLedgers(config),
  peerLedger: async (config, member) => (await import('./ledger-access.ts')).peerLedger(config, member),
});
process.exitCode = await program.run(process.argv.slice(2));

async function serve(configPath: string, { capture }: ServeOptions): Promise<void> {
  const config = {
    ...readConfig(configPath),
    ...(capture === undefined ? {} : { capture: resolve(capture) }),
  };
  const logger = pino({
    level: config.log?.level ?? 'info',
    base: { member: config.member, gateway: config.gateway },
  });
  const { openGateway } = await import('./gateway.ts');
  const gateway = await openGateway(config, logger);
  logger.info(
    { peerUrl: gateway.peerUrl, memberUrl: gateway.memberUrl, ledger: gateway.ledger.origin },
    'gateway is up',
  );
  const { runUntilStopped } = await import('./operations/stop.ts');
  await runUntilStopped(gateway, config, logger);
}
