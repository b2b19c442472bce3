/** Looks at a member's installation and changes nothing: configuration, files, registry, database, places. */
import { parseConfig, refuseOpenListener, type GatewayConfig } from '../config.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { examineDatabase } from './database.ts';
import { examineFiles } from './files.ts';
import { examined, ok, type Finding } from './finding.ts';
import { examineNextKeys } from './next-keys.ts';
import { examinePlaces } from './places.ts';
import { examineRegistry } from './registry.ts';

/** One finding or more for each check, in the order in which one would mend them. */
export async function examine(configPath: string, clock: Clock = systemClock): Promise<readonly Finding[]> {
  let config: GatewayConfig | undefined;
  const form = await examined('config', 'mend the configuration', () => {
    config = parseConfig(configPath);
    refuseOpenListener(config);
    return [ok('config', `${configPath} is valid`)];
  });
  if (config === undefined) return form;
  const registry = await examineRegistry(config, clock());
  return [
    ...form,
    ...(await examineFiles(config)),
    ...registry.findings,
    ...(await examineNextKeys(config, registry.member)),
    ...(await examineDatabase(config, registry.serial)),
    ...(await examinePlaces(config)),
  ];
}
