/** `lianzheng demo`: an alliance of five on this machine. */
import { Command } from 'commander';
import type { Cli } from '../cli.ts';

interface Options {
  readonly once?: boolean;
  readonly dir?: string;
}

export function demoCommand(cli: Cli): Command {
  return new Command('demo')
    .summary('five gateways on this machine and the whole story')
    .description(
      'Starts embedded PostgreSQL and five gateways (two institutions, a regulator, the police, an auditor) with real ' +
        'mutual TLS, runs features, screening, a case transfer, an evidence request and the audit, then stays up with ' +
        'its URLs until Ctrl-C.',
    )
    .option('--once', 'end after the last step instead of staying up')
    .option('--dir <directory>', 'where everything generated is kept (default .lianzheng/ in the checkout)')
    .addHelpText('after', '\nExamples:\n  lianzheng demo\n  lianzheng demo --once --json')
    .action(async ({ once, dir }: Options) => {
      const directory = dir === undefined ? {} : { directory: dir };
      cli.end(await cli.hooks.demo({ once: once === true, json: cli.json(), ...directory }));
    });
}
