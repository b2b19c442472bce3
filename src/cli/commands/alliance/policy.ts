/** `lianzheng alliance policy`: what foreign verifiers and witnesses read (c2sp.org/tlog-policy). */
import { Command } from 'commander';
import type { RegistryBody } from '../../../federation/registry/registry-types.ts';
import { readPolicy } from '../../../ledger/witness/policy.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { readTrust } from '../../trust.ts';

const EXAMPLE = `
One log line for each active member's ledger, then the witnesses and the quorum that the operators agreed on, as C2SP tlog-policy has
them. Keys are those of the current registry; what an older key signed is judged by lianzheng ledger verify.

Example:
  lianzheng alliance policy --anchors alliance/anchors.json > alliance.policy`;

export function alliancePolicyCommand(cli: Cli): Command {
  return new Command('policy')
    .summary('print the policy file for other transparency-log tools')
    .description('Verifies the chain of registries from the anchors on, then writes its logs and witnesses.')
    .requiredOption('--anchors <file>', 'anchors file')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, ({ anchors }: { anchors: string }) => policy(cli, anchors)));
}

async function policy(cli: Cli, path: string): Promise<Outcome> {
  const { chain } = await readTrust(path, cli.hooks.schemas());
  const body = chain.at(-1)?.body;
  if (body === undefined) throw new Error(`${path} holds no registry`);
  const text = policyText(body);
  readPolicy(text);
  return { json: { policy: text }, lines: [text.trimEnd()] };
}

function policyText({ alliance, serial, members, witnessPolicy }: RegistryBody): string {
  const listed = witnessPolicy === null ? [] : readPolicy(witnessPolicy).logs.map(({ vkey }) => vkey);
  const logs = members
    .filter(({ status, ledger }) => status === 'active' && !listed.includes(ledger.vkey))
    .map(({ ledger, gateways }) => {
      const authority = gateways[0]?.authority;
      return `log ${ledger.vkey}${authority === undefined ? '' : ` https://${authority}/ledger`}`;
    });
  return [`# ${alliance}, registry ${serial}`, ...logs, witnessPolicy ?? 'quorum none\n'].join('\n');
}
