/** `lianzheng evidence`: ask another member for evidence, release it. */
import { Command } from 'commander';
import type { Cli } from '../../cli.ts';
import { evidenceListCommand } from './list.ts';
import { evidenceOnwardCommand } from './onward/onward.ts';
import { evidenceReleaseCommand } from './release.ts';
import { evidenceRequestCommand } from './request.ts';

export function evidenceCommand(cli: Cli): Command {
  return new Command('evidence')
    .summary('request, release and pass on evidence')
    .description(
      'The police ask under a 调取证据通知书; the holder decides item by item and signs the answer.',
    )
    .addCommand(evidenceRequestCommand(cli))
    .addCommand(evidenceListCommand(cli))
    .addCommand(evidenceReleaseCommand(cli))
    .addCommand(evidenceOnwardCommand(cli));
}
