/** `lianzheng serve`: runs one gateway. */
import { Command } from 'commander';
import { acting, type Cli } from '../cli.ts';
import type { ServeOptions } from '../hooks.ts';

export function serveCommand(cli: Cli): Command {
  return new Command('serve')
    .summary('run a gateway')
    .description(
      'Runs one gateway until it is told to stop (SIGTERM or Ctrl-C); running work is ended first.',
    )
    .requiredOption('--config <file>', 'configuration of the gateway (docs/operations.md)')
    .option(
      '--capture <dir>',
      'keep refused requests of peers for lianzheng diagnose (at most 100): they hold tokens and bodies',
    )
    .addHelpText('after', '\nExample:\n  lianzheng serve --config /etc/lianzheng/bank-a.json')
    .action(
      acting(cli, async ({ config, ...options }: { config: string } & ServeOptions) => {
        await cli.hooks.serve(config, options);
        return { json: {}, lines: [] };
      }),
    );
}
