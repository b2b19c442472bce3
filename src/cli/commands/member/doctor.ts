/** `lianzheng doctor`: is this installation sound, and what ends soon? */
import { Command } from 'commander';
import { acting, type Cli, type ExitCode, type Outcome } from '../../cli.ts';
import type { Finding } from '../../hooks.ts';

const EXAMPLE = `
Reads configuration, key files, anchors, registry directory and database, and changes nothing; the gateway may run meanwhile. Exit code 0 when all
is well, 1 with a warning, 2 when something fails: run it daily and page somebody on 2. Certificates, keys and the registry
warn from 30 days before they end on, and fail from the last day on.

Example:
  lianzheng doctor --config bank-a.json`;

export function doctorCommand(cli: Cli): Command {
  return new Command('doctor')
    .summary('check an installation, read-only')
    .description(
      "Looks at a member's own installation line by line and says what to do about what is not well.",
    )
    .requiredOption('--config <file>', 'configuration of the gateway')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, ({ config }: { config: string }) => doctor(cli, config)));
}

async function doctor(cli: Cli, config: string): Promise<Outcome> {
  const findings = await cli.hooks.examine(config);
  const count = (level: Finding['level']): number => findings.filter((one) => one.level === level).length;
  const [warnings, failures] = [count('warn'), count('fail')];
  const exitCode: ExitCode = failures > 0 ? 2 : warnings > 0 ? 1 : 0;
  return {
    exitCode,
    json: { warnings, failures, findings },
    lines: [
      ...findings.flatMap(lineOf),
      `${findings.length} checks, ${warnings} warnings, ${failures} failures`,
    ],
  };
}

function lineOf({ level, check, message, remedy }: Finding): readonly string[] {
  const line = `${level.padEnd(4)}  ${check.padEnd(12)}  ${message}`;
  return remedy === undefined ? [line] : [line, `${' '.repeat(20)}what to do: ${remedy}`];
}
