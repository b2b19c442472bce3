/** `lianzheng registry resolve`: which of two registries counts, after the alliance's operators were asked. */
import { Command } from 'commander';
import { GatewayError } from '../../../core/errors.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';

interface Options {
  readonly config: string;
  readonly reason: string;
  readonly takeTheirs?: boolean;
}

export function registryResolveCommand(cli: Cli): Command {
  return new Command('resolve')
    .summary('say which registry counts, and let traffic go on')
    .description(
      `Ask the operators by another way first: two registries under one serial mean that keys were misused. The running
gateway goes on within seconds and notes it in its ledger. With --take-theirs stop the gateway first: it starts with the
other registry.`,
    )
    .argument('<id>', 'number that lianzheng registry evidence shows')
    .requiredOption('--config <file>', 'configuration of the gateway')
    .requiredOption('--reason <text>', 'who confirmed it, and how; kept beside the evidence')
    .option('--take-theirs', 'the registry of the evidence counts, ours does not')
    .addHelpText(
      'after',
      `
Example:
  lianzheng registry resolve 3 --config /etc/lianzheng/bank-a.json --reason "operators A and C by telephone"`,
    )
    .action(acting(cli, (id: string, options: Options) => resolve(cli, id, options)));
}

async function resolve(
  cli: Cli,
  given: string,
  { config, reason, takeTheirs = false }: Options,
): Promise<Outcome> {
  const id = Number(given);
  const known = (await cli.hooks.registryEvidence(config)).find(
    (one) => one.id === id && one.resolvedAt === null,
  );
  const done = known !== undefined && (await cli.hooks.resolveRegistry(config, { id, reason, takeTheirs }));
  if (!done || known === undefined) {
    throw new GatewayError(
      'registry.invalid',
      `there is no unresolved evidence ${given}${takeTheirs ? ' that is a registry' : ''}; see lianzheng registry evidence`,
    );
  }
  const kept = takeTheirs ? `registry ${known.serial} is now ${known.sha256}` : 'our registry stands';
  return { json: { id, serial: known.serial, takeTheirs }, lines: [`resolved ${id}: ${kept}`] };
}
