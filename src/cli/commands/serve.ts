/** `lianzheng serve`: runs a gateway, or one for each of several alliances. */
import { Command } from 'commander';
import { acting, type Cli } from '../cli.ts';
import type { ServeOptions } from '../hooks.ts';

const together = (path: string, paths: readonly string[] = []): readonly string[] => [...paths, path];

export function serveCommand(cli: Cli): Command {
  return new Command('serve')
    .summary('run a gateway')
    .description(
      `Runs a gateway until it is told to stop (SIGTERM or Ctrl-C); running work is ended first. A member of several
alliances names one configuration for each: they run in one process and share nothing else. All start, or none.`,
    )
    .requiredOption(
      '--config <file>',
      'configuration of the gateway (docs/operations.md); again for another alliance',
      together,
    )
    .addHelpText(
      'after',
      `
Examples:
  lianzheng serve --config /etc/lianzheng/bank-a.json
  lianzheng serve --config /etc/lianzheng/north.json --config /etc/lianzheng/south.json
  lianzheng serve --config /etc/lianzheng/bank-a.json --roles api
  lianzheng serve --config /etc/lianzheng/bank-a-work.json --roles sequencer,delivery,clock`,
    )
    .option(
      '--capture <dir>',
      'keep refused requests of peers for lianzheng diagnose (at most 100): they hold tokens and bodies',
    )
    .option(
      '--roles <list>',
      'what this process does, of api, sequencer, delivery, clock (default: all); the others of the gateway do the rest',
      (list: string) => list.split(',').map((role) => role.trim()),
    )
    .action(
      acting(cli, async ({ config, ...options }: { config: readonly string[] } & ServeOptions) => {
        await cli.hooks.serve(config, options);
        return { json: {}, lines: [] };
      }),
    );
}
