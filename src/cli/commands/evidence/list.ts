/** `lianzheng evidence list`. */
import { Command } from 'commander';
import type { Schemas } from '../../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli } from '../../cli.ts';

interface Options extends AccessOptions {
  readonly direction?: string;
  readonly limit: string;
}

export function evidenceListCommand(cli: Cli): Command {
  return withAccess(new Command('list'))
    .summary('list evidence requests, newest first')
    .description('Requests made to us (in) and by us (out).')
    .option('--direction <direction>', 'in or out')
    .option('--limit <n>', 'at most this many', '50')
    .addHelpText('after', '\nExample:\n  lianzheng evidence list --direction in')
    .action(
      acting(cli, async (options: Options) => {
        const client = await clientOf(cli, options);
        const { direction, limit } = options;
        const found = await client.get('/v1/evidence-requests', { query: { direction, limit } });
        const lines = found.requests.map(requestLine);
        return { json: found, lines: lines.length === 0 ? ['no evidence requests'] : lines };
      }),
    );
}

export function requestLine(request: Schemas['EvidenceRequest']): string {
  const { requestId, state, direction, peer, noticeNo, items, responsePacket } = request;
  const answer = responsePacket === undefined ? '' : `  answered by packet ${responsePacket}`;
  const who = `${direction === 'in' ? 'from' : 'to'} ${peer}`;
  return `${requestId}  ${state.padEnd(8)}  ${who}  ${noticeNo}  ${items.length} items${answer}`;
}
