/** The program `lianzheng`: every command, its help, and one way to end. */
import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { allianceCommand } from './commands/alliance/alliance.ts';
import { blobCommand } from './commands/blob.ts';
import { deliveriesCommand } from './commands/deliveries.ts';
import { diagnoseCommand } from './commands/diagnose.ts';
import { demoCommand } from './commands/demo.ts';
import { enrolCommand } from './commands/enrol/enrol.ts';
import { eraseCommand } from './commands/erase.ts';
import { erasuresCommand } from './commands/erasures.ts';
import { evidenceCommand } from './commands/evidence/evidence.ts';
import { explainCommand } from './commands/explain/explain.ts';
import { featuresCommand } from './commands/features/features.ts';
import { ledgerCommand } from './commands/ledger/ledger.ts';
import { doctorCommand } from './commands/member/doctor.ts';
import { rotateCommand } from './commands/member/rotate.ts';
import { migrateCommand } from './commands/migrate.ts';
import { packetCommand } from './commands/packet/packet.ts';
import { queueCommand } from './commands/queue/queue.ts';
import { registryCommand } from './commands/registry/registry.ts';
import { screenCommand } from './commands/screen.ts';
import { serveCommand } from './commands/serve.ts';
import { tokenCommand } from './commands/token.ts';
import { verifyCommand } from './commands/verify.ts';
import { reportFailure } from './failure.ts';
import type { ProgramHooks } from './hooks.ts';
import { processTerminal, type Terminal } from './terminal/terminal.ts';

export interface ProgramOptions {
  readonly terminal?: Terminal;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface Program {
  readonly command: Command;
  /** Runs one command line (without node and script). Never throws; resolves with the exit code. */
  run(args: readonly string[]): Promise<number>;
}

const EXAMPLES = `
Start here:
  lianzheng demo                      five gateways on this machine, the whole story in two minutes
  lianzheng help packet               how a packet is assembled, signed and transferred
  lianzheng verify FILE --anchors F   check a bundle offline, trusting only the alliance's anchors

Commands that call a gateway take --url and --token (or LIANZHENG_URL and LIANZHENG_TOKEN, LIANZHENG_TOKEN_FILE).
Exit codes: 0 valid or done, 1 invalid or refused, 2 could not do. Every command takes --json: the last line of
standard output is then one JSON object. Every refusal has a code; docs/errors.md says what each one asks of you.`;

export function buildProgram(hooks: ProgramHooks, options: ProgramOptions = {}): Program {
  const terminal = options.terminal ?? processTerminal();
  const command = new Command('lianzheng');
  let exitCode = 0;
  const cli: Cli = {
    hooks,
    terminal,
    environment: options.environment ?? process.env,
    json: () => command.opts<{ json?: boolean }>().json === true,
    end: (code) => (exitCode = code),
  };
  command
    .description(
      'Lianzheng 联证: exchange data about organised financial fraud in real time, and as evidence.',
    )
    .version(hooks.version)
    .option('--json', 'print one JSON object as the last line of standard output')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(add --help for the options and examples)');
  for (const make of commands) command.addCommand(make(cli));
  tame(command, terminal);
  return {
    command,
    run: async (args) => {
      try {
        await command.parseAsync([...args], { from: 'user' });
        return exitCode;
      } catch (error) {
        return reportFailure(error, terminal, args.includes('--json'));
      }
    },
  };
}

const commands: readonly ((cli: Cli) => Command)[] = [
  demoCommand,
  serveCommand,
  migrateCommand,
  tokenCommand,
  enrolCommand,
  rotateCommand,
  doctorCommand,
  allianceCommand,
  registryCommand,
  featuresCommand,
  screenCommand,
  eraseCommand,
  erasuresCommand,
  blobCommand,
  packetCommand,
  evidenceCommand,
  deliveriesCommand,
  explainCommand,
  queueCommand,
  ledgerCommand,
  diagnoseCommand,
  verifyCommand,
];

/** Commander never ends the process, and writes where the terminal says. */
function tame(command: Command, terminal: Terminal): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => terminal.out(text),
    writeErr: (text) => terminal.error(text),
  });
  for (const child of command.commands) tame(child, terminal);
}
