/** `lianzheng queue list`: one row for each peer, and the dead letters. */
import { Command } from 'commander';
import type { Schemas } from '../../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';

type PeerQueue = Schemas['PeerQueue'];

export function queueListCommand(cli: Cli): Command {
  return withAccess(new Command('list'))
    .summary('what waits for each peer, its circuit, and the dead letters')
    .description(
      'Dead letters are refused or expired messages that nobody has answered for, and open ones that failed ten times or more.',
    )
    .option('--to <member>', 'dead letters of this member only')
    .addHelpText('after', '\nExamples:\n  lianzheng queue\n  lianzheng queue list --to insurer-b')
    .action(acting(cli, (options: AccessOptions & { readonly to?: string }) => list(cli, options)));
}

async function list(cli: Cli, { to, ...access }: AccessOptions & { readonly to?: string }): Promise<Outcome> {
  const client = await clientOf(cli, access);
  const [{ peers }, { deliveries: dead }] = await Promise.all([
    client.get('/v1/queue'),
    client.get('/v1/deliveries', { query: { dead: 'only', to } }),
  ]);
  const rows = peers.map(peerLine);
  const letters = dead.map(({ state, to: peer, kind, mid, attempts, code }) =>
    [
      `dead  ${state.padEnd(8)}`,
      peer.padEnd(16),
      kind.padEnd(16),
      mid,
      `${attempts} attempts`,
      code ?? '',
    ].join('  '),
  );
  return {
    json: { peers, dead },
    lines: [...(rows.length === 0 ? ['nothing waits'] : rows), ...letters.map((line) => line.trimEnd())],
  };
}

function peerLine({ peer, pending, sent, waiting, dead, oldestAt, circuit }: PeerQueue): string {
  const counts = `${pending} pending, ${sent} sent, ${waiting} behind another, ${dead} dead`;
  const oldest = oldestAt === undefined ? [] : [`oldest ${oldestAt}`];
  return [peer.padEnd(16), counts, ...oldest, circuitWords(circuit)].join('  ');
}

function circuitWords(circuit: PeerQueue['circuit']): string {
  if (circuit === undefined) return 'not called yet';
  const { state, since, failures, code, probeAt } = circuit;
  if (state === 'closed') return failures === 0 ? 'reached' : `${failures} failures, ${code ?? ''}`;
  return `circuit ${state} since ${since}: ${code ?? ''}, ${failures} failures, next probe ${probeAt ?? 'now'}`;
}
