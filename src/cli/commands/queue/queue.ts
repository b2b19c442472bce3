/** `lianzheng queue`: what waits, what did not arrive, and what people do about it. */
import { Command } from 'commander';
import type { Cli } from '../../cli.ts';
import { queueCatchUpCommand } from './catch-up.ts';
import { queueEvidenceCommand } from './evidence.ts';
import { queueGiveUpCommand } from './give-up.ts';
import { queueListCommand } from './list.ts';
import { queueReconcileCommand } from './reconcile.ts';
import { queueRetryCommand } from './retry.ts';
import { queueShowCommand } from './show.ts';
import { queueVerifyCommand } from './verify.ts';

export function queueCommand(cli: Cli): Command {
  return new Command('queue')
    .summary('what waits for whom, what did not arrive, and what to do about it')
    .description(
      'Nothing is lost and nothing is silent: what could not be delivered is listed, can be tried again or given up, and ' +
        'leaves a signed statement (docs/delivery.md). Without a further word: list.',
    )
    .addCommand(queueListCommand(cli), { isDefault: true })
    .addCommand(queueShowCommand(cli))
    .addCommand(queueRetryCommand(cli))
    .addCommand(queueGiveUpCommand(cli))
    .addCommand(queueEvidenceCommand(cli))
    .addCommand(queueVerifyCommand(cli))
    .addCommand(queueReconcileCommand(cli))
    .addCommand(queueCatchUpCommand(cli));
}
