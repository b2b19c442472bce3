/** `lianzheng features`: push features to a group, list them. */
import { Command } from 'commander';
import { featuresListCommand } from './list.ts';
import { featuresPushCommand } from './push.ts';
import type { Cli } from '../../cli.ts';

export function featuresCommand(cli: Cli): Command {
  return new Command('features')
    .summary('push and list features of fraud')
    .description(
      'Features 特征 are what institutions share: domains, phones, accounts, company codes, behaviours …',
    )
    .addCommand(featuresPushCommand(cli))
    .addCommand(featuresListCommand(cli));
}
