/** `lianzheng evidence onward`: may a file that came under `onward: approval` go on to a third member? */
import { Command } from 'commander';
import type { Cli } from '../../../cli.ts';
import { onwardAskCommand } from './ask.ts';
import { onwardDecideCommand } from './decide.ts';
import { onwardListCommand } from './list.ts';

export function evidenceOnwardCommand(cli: Cli): Command {
  return new Command('onward')
    .summary('ask to pass a file on, decide on it')
    .description(
      'The holder asks, the member that gave the file approves or refuses, and may revoke; both ledgers have it.',
    )
    .addCommand(onwardAskCommand(cli))
    .addCommand(onwardListCommand(cli))
    .addCommand(onwardDecideCommand(cli));
}
