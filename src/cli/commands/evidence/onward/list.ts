/** `lianzheng evidence onward list`. */
import { Command } from 'commander';
import type { Schemas } from '../../../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../../../api/access.ts';
import { acting, type Cli } from '../../../cli.ts';

interface Options extends AccessOptions {
  readonly direction?: string;
  readonly limit: string;
}

export function onwardListCommand(cli: Cli): Command {
  return withAccess(new Command('list'))
    .summary('list requests to pass a file on, newest first')
    .description('Requests made to us (in), which we decide, and by us (out).')
    .option('--direction <direction>', 'in or out')
    .option('--limit <n>', 'at most this many', '50')
    .addHelpText('after', '\nExample:\n  lianzheng evidence onward list --direction in')
    .action(
      acting(cli, async (options: Options) => {
        const client = await clientOf(cli, options);
        const { direction, limit } = options;
        const found = await client.get('/v1/onward-requests', { query: { direction, limit } });
        const lines = found.requests.map(onwardLine);
        return { json: found, lines: lines.length === 0 ? ['no requests to pass something on'] : lines };
      }),
    );
}

export function onwardLine(request: Schemas['OnwardRequest']): string {
  const { requestId, state, direction, peer, sha256, to, group, purpose, notAfter } = request;
  const until = notAfter === undefined ? '' : `  until ${notAfter}`;
  const who = `${direction === 'in' ? 'asked by' : 'asked of'} ${peer}`;
  return `${requestId}  ${state.padEnd(8)}  ${who}  ${sha256.slice(0, 16)}… to ${to} in ${group} for ${purpose}${until}`;
}
