/** `lianzheng registry`: what contradicted the registry of a gateway, and what its operator says about it. */
import { Command } from 'commander';
import type { Cli } from '../../cli.ts';
import { registryEvidenceCommand } from './evidence.ts';
import { registryResolveCommand } from './resolve.ts';

export function registryCommand(cli: Cli): Command {
  return new Command('registry')
    .summary('forks, rollbacks and freezes of the registry')
    .description(
      'Works on the database of the configured gateway, whether it runs or not (docs/registry.md).',
    )
    .addCommand(registryEvidenceCommand(cli))
    .addCommand(registryResolveCommand(cli));
}
