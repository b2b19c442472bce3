/** `lianzheng ledger follow`: an auditor's watch over every member's ledger. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../../../core/clock.ts';
import { cosignMirror } from '../../../ledger/follow/cosign.ts';
import { createFollower, mirrorOf, type FollowEvent } from '../../../ledger/follow/follower.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';

interface Options {
  readonly config: string;
  readonly out: string;
  readonly once: boolean;
  readonly interval: string;
  readonly stall: string;
  readonly cosign: boolean;
}

const EXAMPLE = `
Each round fetches every member's checkpoint. A ledger that grew is mirrored into DIRECTORY/<member>; its new entries and tiles are
hashed, and it must extend what was mirrored before. Then it is cosigned with the gateway's witness key. Alarms name the member and
are kept with both notes in DIRECTORY/alarms: fork, rollback, invalid; a ledger that cannot be had is unreachable, then stalled.
A ledger is uncosigned while the gateway's own database is in doubt: witnesses must confirm it first, each round.
Events go to standard error, with --json one JSON object a line. Stop it with Ctrl-C.
Chain, counters and the other side's statements are not re-read here: run lianzheng ledger verify DIRECTORY/*.

Exit codes: 0 stopped, or --once and all sound; 1 an alarm; 2 a ledger could not be had or cosigned.

Example:
  lianzheng ledger follow --config auditor-d.json --out mirrors`;

export function ledgerFollowCommand(cli: Cli): Command {
  return new Command('follow')
    .summary("watch, mirror and cosign all members' ledgers")
    .description(
      'Polls the ledgers of all other active members; the configured gateway needs an audit grant.',
    )
    .requiredOption('--config <file>', "configuration of the auditor's own gateway")
    .requiredOption('--out <directory>', 'where the mirrors and alarms are kept, between runs too')
    .option('--once', 'one round, then end', false)
    .option('--interval <seconds>', 'time between rounds', '10')
    .option('--stall <seconds>', 'silence after which a ledger is stalled', '3600')
    .option('--no-cosign', 'mirror only')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => follow(cli, options)));
}

async function follow(cli: Cli, options: Options): Promise<Outcome> {
  const [intervalMs, stallMs] = [seconds('--interval', options.interval), seconds('--stall', options.stall)];
  const followed = await cli.hooks.followLedgers(options.config);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const directory = resolve(options.out);
  const seen: FollowEvent[] = [];
  const follower = createFollower({
    directory,
    logs: () => followed.logs(),
    clock: systemClock,
    onEvent: (event) => {
      seen.push(event);
      if (seen.length > 1000) seen.shift();
      tell(cli, event);
    },
    onSound: async (log, { note }) => {
      const { witness } = followed;
      if (witness === undefined || !options.cosign) return;
      await cosignMirror(mirrorOf(directory, log.member), note, witness);
    },
    onFork: (log, notes) => followed.keepFork(log, notes),
    intervalMs,
    stallMs,
    signal: stopping.signal,
  });
  try {
    if (options.once) await follower.round();
    else await follower.run();
  } finally {
    await followed.close();
  }
  return outcomeOf(directory, seen);
}

function outcomeOf(directory: string, seen: readonly FollowEvent[]): Outcome {
  const alarms = seen.filter((event) => 'evidence' in event);
  const away = seen.filter(({ kind }) => kind === 'unreachable' || kind === 'uncosigned');
  const exitCode = alarms.length > 0 ? 1 : away.length > 0 ? 2 : 0;
  const words = alarms.length > 0 ? `${alarms.length} alarms, see ${directory}/alarms` : 'no alarm';
  return {
    exitCode,
    json: { directory, alarms, unreachable: away.map(({ member }) => member) },
    lines: [words],
  };
}

function tell(cli: Cli, event: FollowEvent): void {
  if (cli.json())
    return cli.terminal.error(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`);
  if (event.kind === 'unchanged') return;
  const words =
    event.kind === 'grown'
      ? `${event.from} → ${event.size} entries`
      : `${event.why}${'evidence' in event ? ` (${event.evidence})` : ''}`;
  const label = 'evidence' in event || event.kind === 'stalled' ? `ALARM ${event.kind}` : event.kind;
  cli.terminal.error(`${new Date().toISOString()} ${event.member}: ${label}: ${words}\n`);
}

function seconds(option: string, value: string): number {
  const given = Number(value);
  if (!(given > 0)) throw new Error(`${option}: expected a number of seconds above 0, got ${value}`);
  return given * 1000;
}
