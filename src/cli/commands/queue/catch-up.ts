/** `lianzheng queue catch-up`: pulls what peers sent to a group. */
import { Command } from 'commander';
import type { Schemas } from '../../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';

interface Options extends AccessOptions {
  readonly group: string;
  readonly from: string;
  readonly anew?: true;
}

const EXAMPLE = `
Every envelope passes the checks of any message, and what is here already stays one. Goes on where the last call ended; the
gateway does it by itself for groups that it is newly in, and once a day. Exit code 1: a peer could not be read to the end.

Examples:
  lianzheng queue catch-up --group fraud-features --from all
  lianzheng queue catch-up --group fraud-features --from bank-a --anew`;

export function queueCatchUpCommand(cli: Cli): Command {
  return withAccess(new Command('catch-up'))
    .summary('pull what peers sent to a group')
    .description('Reads the feeds of the other members: a push that was lost is a pull away.')
    .requiredOption('--group <group>', 'sharing group')
    .option('--from <member>', 'this member only, or all', 'all')
    .option('--anew', 'from the beginning, not from where this gateway is')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => catchUp(cli, options)));
}

async function catchUp(cli: Cli, { group, from, anew, ...access }: Options): Promise<Outcome> {
  const client = await clientOf(cli, access);
  const json = { group, ...(from === 'all' ? {} : { from }), ...(anew === true ? { anew } : {}) };
  const { peers } = await client.post('/v1/queue/catch-ups', { json });
  const isDone = peers.every(({ done }) => done);
  return { exitCode: isDone ? 0 : 1, json: { peers }, lines: peers.flatMap(linesOf) };
}

function linesOf(report: Schemas['CatchUpReport']): readonly string[] {
  const { peer, accepted, known, refused, done, code } = report;
  const end = done ? 'to the end' : `there is more${code === undefined ? '' : `: ${code}`}`;
  return [
    `${peer.padEnd(16)} ${accepted} new, ${known} known, ${refused.length} refused, ${end}`,
    ...refused.map((one) => `  ${one.mid}  ${one.code}`),
  ];
}
