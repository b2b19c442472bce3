/** `lianzheng diagnose`: why did a gateway refuse this request? Names every fault, not only the first. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { GatewayError } from '../../core/errors.ts';
import { acting, type Cli, type Outcome } from '../cli.ts';
import { undecided } from '../failure.ts';
import type { DiagnosisReport, DiagnosisTrust } from '../hooks.ts';

interface Options {
  readonly config?: string;
  readonly anchors?: string;
  readonly registry?: string;
  readonly member?: string;
  readonly authority?: string;
  readonly at?: string;
  readonly skew?: string;
}

const EXAMPLE = `
The capture is what "lianzheng serve --capture" keeps of a refused request, the same JSON made by hand
  {"method","path","headers":[[name,value],…],"body":"<base64>","clientCertificate":"<PEM>","at":"<RFC 3339>"}
or the raw text of the HTTP request. Private keys are not needed. Exit codes: 0 nothing is wrong with it, 1 findings,
2 it could not be judged.

Examples:
  lianzheng diagnose capture.json --config /etc/lianzheng/bank-a.json
  lianzheng diagnose request.http --anchors anchors.json --registry registry/ --member bank-a --at 2026-06-01T12:00:00Z`;

export function diagnoseCommand(cli: Cli): Command {
  return new Command('diagnose')
    .summary('name every fault of a captured request')
    .description(
      'Replays all checks of the peer plane on a captured request, as the gateway it was sent to makes them.',
    )
    .argument('<capture>', 'file with the request')
    .option('--config <file>', 'configuration of the gateway that it was sent to')
    .option('--anchors <file>', 'instead: the alliance')
    .option('--registry <dir>', 'with --anchors: directory of registry-<serial>.json')
    .option('--member <id>', 'with --anchors: whom it was sent to')
    .option('--authority <host:port>', 'with --anchors: default as the registry lists the member')
    .option('--at <time>', 'when it arrived; default what the capture says, else now')
    .option('--skew <seconds>', "what a peer's clock may be off; default as configured, or 10")
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (file: string, options: Options) => diagnose(cli, resolve(file), options)));
}

async function diagnose(cli: Cli, capture: string, options: Options): Promise<Outcome> {
  const order = { capture, trust: trustOf(options), ...timeOf(options) };
  const report = await cli.hooks.diagnose(order).catch(undecided);
  const exitCode = report.findings.length === 0 ? 0 : 1;
  return { exitCode, json: { capture, ...report }, lines: linesOf(report) };
}

function trustOf({ config, anchors, registry, member, authority }: Options): DiagnosisTrust {
  if (config !== undefined) return { config };
  if (anchors !== undefined && registry !== undefined && member !== undefined) {
    return { anchors, registry, member, ...(authority === undefined ? {} : { authority }) };
  }
  return undecided(
    new GatewayError('config.invalid', 'name the receiver: --config, or --anchors, --registry and --member'),
  );
}

function timeOf({ at, skew }: Options): { readonly at?: Date; readonly skewSeconds?: number } {
  const time = at === undefined ? undefined : new Date(at);
  if (time !== undefined && Number.isNaN(time.getTime()))
    return undecided(new GatewayError('config.invalid', `--at ${at ?? ''}: expected RFC 3339`));
  const seconds = skew === undefined ? undefined : Number(skew);
  if (seconds !== undefined && !(seconds >= 0 && seconds <= 60))
    return undecided(new GatewayError('config.invalid', `--skew ${skew ?? ''}: expected 0 to 60`));
  return {
    ...(time === undefined ? {} : { at: time }),
    ...(seconds === undefined ? {} : { skewSeconds: seconds }),
  };
}

function linesOf({ findings, unchecked, caller, registry, at }: DiagnosisReport): string[] {
  const rows = findings.flatMap(({ check, code, message, expected, came, remedy }) => [
    `FAIL  ${check.padEnd(16)} ${code}: ${message}`,
    ...(expected === undefined ? [] : [`      expected: ${expected}`]),
    ...(came === undefined ? [] : [`      came:     ${came}`]),
    `      what to do: ${remedy}`,
  ]);
  const skipped = unchecked.map((what) => `skip  ${what}`);
  const verdict = findings.length === 0 ? 'nothing is wrong with it' : `${findings.length} faults`;
  return [
    ...rows,
    ...skipped,
    `${verdict}: from ${caller ?? 'nobody known'}, by registry ${registry}, at ${at}`,
  ];
}
