/**
 * The program: hands the CLI what only the composition root can do, and ends with the command's exit code. What a
 * gateway needs is loaded when one is asked for: a verifier starts without Express and PostgreSQL.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServeOptions } from './cli/hooks.ts';
import { buildProgram } from './cli/program.ts';
import { programRoot, programSchemas, readConfig } from './config.ts';
import { GatewayError } from './core/errors.ts';
import { readRoles } from './gateway/processes/roles.ts';

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
  makeNextLedgerKey: async (config) =>
    (await import('./gateway/keys/ledger-keys.ts')).makeNextLedgerKey(config),
  makeNext: async (order) => (await import('./gateway/keys/rotation.ts')).makeNext(order),
  examine: async (config) => (await import('./doctor/doctor.ts')).examine(config),
  registryEvidence: async (config) =>
    (await import('./gateway/registry/registry-evidence.ts')).registryEvidence(config),
  resolveRegistry: async (config, resolution) =>
    (await import('./gateway/registry/registry-evidence.ts')).resolveRegistry(config, resolution),
  ownLedger: async (config) => (await import('./gateway/ledger/ledger-access.ts')).ownLedger(config),
  diagnose: async (order) => (await import('./gateway/diagnose.ts')).diagnoseCapture(order),
  followLedgers: async (config) => (await import('./gateway/ledger/follow-ledgers.ts')).followLedgers(config),
  peerLedger: async (config, member) =>
    (await import('./gateway/ledger/ledger-access.ts')).peerLedger(config, member),
});
process.exitCode = await program.run(process.argv.slice(2));

async function serve(configPaths: readonly string[], options: ServeOptions): Promise<void> {
  const { openGateways } = await import('./gateway/compartments.ts');
  const opened = await openGateways(configPaths, options);
  for (const { gateway, logger } of opened.gateways) {
    const roles = readRoles(gateway.config.roles);
    logger.info(
      {
        roles: [...roles],
        ...(roles.has('api') ? { peerUrl: gateway.peerUrl, memberUrl: gateway.memberUrl } : {}),
        ledger: gateway.ledger.origin,
      },
      'gateway is up',
    );
  }
  const { runUntilStopped } = await import('./operations/stop.ts');
  await runUntilStopped(opened);
}
