/** `lianzheng alliance fresh`: says anew which registry is current. */
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { systemClock } from '../../../core/clock.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { readTrust } from '../../trust.ts';
import { ANCHORS, writeFreshness } from './home.ts';

interface Options {
  readonly dir: string;
  readonly every?: string;
}

const EXAMPLE = `
Gateways stop exchanging when the last statement is over ten minutes old, so that a registry that was held back from them
does harm for minutes only. Run this with --every 60 on the one machine that holds freshness.jwk.

Examples:
  lianzheng alliance fresh --dir alliance
  lianzheng alliance fresh --dir alliance --every 60`;

export function allianceFreshCommand(cli: Cli): Command {
  return new Command('fresh')
    .summary('say anew which registry is current')
    .description('Writes registry/freshness.json, good for ten minutes.')
    .requiredOption('--dir <directory>', "the operators' directory")
    .option('--every <seconds>', 'go on, each so many seconds, until stopped')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => fresh(cli, options)));
}

async function fresh(cli: Cli, { dir, every }: Options): Promise<Outcome> {
  const directory = resolve(dir);
  for (;;) {
    const { chain } = await readTrust(join(directory, ANCHORS), cli.hooks.schemas());
    const current = chain.at(-1);
    if (current === undefined) throw new Error(`${directory} holds no registry`);
    const expiresAt = await writeFreshness(directory, current, systemClock());
    const { serial } = current.body;
    if (every === undefined) {
      return { json: { serial, expiresAt }, lines: [`registry ${serial} is current until ${expiresAt}`] };
    }
    cli.terminal.error(`registry ${serial} is current until ${expiresAt}\n`);
    await sleep(Math.max(Number(every), 1) * 1000);
  }
}
