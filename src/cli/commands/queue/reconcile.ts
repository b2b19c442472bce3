/** `lianzheng queue reconcile`: lays our word on what was sent beside the peers' signed word. */
import { Command } from 'commander';
import type { Schemas } from '../../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';

type Reconciliation = Schemas['PeerReconciliation'];

interface Options extends AccessOptions {
  readonly peer?: string;
  readonly days: string;
}

const EXAMPLE = `
Question and answer are signed and logged on the peer's side. Exit code 1: a difference, or a peer that could not be asked.

Examples:
  lianzheng queue reconcile
  lianzheng queue reconcile --peer insurer-b --days 30`;

const words: Readonly<Record<Reconciliation['differences'][number]['difference'], string>> = {
  'peer-denies': 'we hold its signed acceptance, and it says that it has no such message',
  'other-receipt': 'it names another ledger entry than the acceptance that we hold',
  'accepted-there': 'it has accepted it, we were not told: the proof is being fetched',
  'accepted-after-all': 'it has accepted it after we had closed it as not delivered',
};

export function queueReconcileCommand(cli: Cli): Command {
  return withAccess(new Command('reconcile'))
    .summary('compare with the peers what they have')
    .description(
      'Asks each peer what became of all that it was sent in the last days, and names every difference.',
    )
    .option('--peer <member>', 'this peer only')
    .option('--days <n>', 'how far back', '7')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => reconcile(cli, options)));
}

async function reconcile(cli: Cli, { peer, days, ...access }: Options): Promise<Outcome> {
  const client = await clientOf(cli, access);
  const json = { days: Number(days), ...(peer === undefined ? {} : { peer }) };
  const { peers } = await client.post('/v1/queue/reconciliations', { json });
  const isClean = peers.every(({ differences, code }) => differences.length === 0 && code === undefined);
  const lines = peers.flatMap(linesOf);
  return {
    exitCode: isClean ? 0 : 1,
    json: { peers },
    lines: lines.length === 0 ? ['nothing was sent'] : lines,
  };
}

function linesOf({ peer, asked, agreed, open, differences, code }: Reconciliation): readonly string[] {
  const failed = code === undefined ? '' : `; could not be asked: ${code}`;
  return [
    `${peer.padEnd(16)} ${asked} asked, ${agreed} agree, ${open} open, ${differences.length} differ${failed}`,
    ...differences.map(({ mid, state, difference }) => `  ${mid}  ${state.padEnd(8)}  ${words[difference]}`),
  ];
}
