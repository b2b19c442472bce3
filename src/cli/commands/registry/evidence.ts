/** `lianzheng registry evidence`: what was kept of registries that contradict ours. */
import { Command } from 'commander';
import { acting, type Cli, type Outcome } from '../../cli.ts';

export function registryEvidenceCommand(cli: Cli): Command {
  return new Command('evidence')
    .summary('documents that contradict our registry')
    .description('Exit code 1 while one of them stops live traffic. --json shows the documents themselves.')
    .requiredOption('--config <file>', 'configuration of the gateway')
    .addHelpText('after', '\nExample:\n  lianzheng registry evidence --config /etc/lianzheng/bank-a.json')
    .action(acting(cli, ({ config }: { config: string }) => evidence(cli, config)));
}

async function evidence(cli: Cli, config: string): Promise<Outcome> {
  const kept = await cli.hooks.registryEvidence(config);
  const open = kept.filter((one) => one.open);
  const lines = kept.map(({ id, code, serial, sha256, seenAt, source, resolvedAt, open: stops }) => {
    const state = resolvedAt !== null ? 'resolved' : stops ? 'STOPS TRAFFIC' : 'kept';
    return `${id}  ${code}  serial ${serial}  ${sha256.slice(0, 16)}…  from ${source}  ${seenAt.toISOString()}  ${state}`;
  });
  return {
    exitCode: open.length > 0 ? 1 : 0,
    json: { evidence: kept },
    lines: lines.length === 0 ? ['nothing contradicts the registry'] : lines,
  };
}
