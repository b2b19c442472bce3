/** `lianzheng alliance publish`: the next registry, signed by enough operators. */
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../../../core/clock.ts';
import { nextRegistry, type AllianceContent } from '../../../federation/alliance.ts';
import { readNext } from '../../../federation/registry-chain.ts';
import { signRegistry } from '../../../federation/registry-document.ts';
import { parseStrictJson } from '../../../wire/strict-json.ts';
import { acting, several, type Cli, type Outcome } from '../../cli.ts';
import { readJsonObject } from '../../read-json-file.ts';
import { readTrust } from '../../trust.ts';
import { ANCHORS, readSigningKey, writeChain, writeFreshness } from './home.ts';

interface Options {
  readonly dir: string;
  readonly change?: string;
  readonly key: readonly string[];
  readonly days: string;
}

const EXAMPLE = `
CHANGE holds whole parts of the registry that replace the old ones: members, groups, grants, cas, operators, freshnessKey,
schemas, witnessPolicy (text of a tlog-policy file, or null). Without --change the registry is renewed as it is (it expires after 90 days at most).

Example:
  lianzheng alliance publish --dir alliance --change change.json --key op1/operator-1.jwk --key op2/operator-2.jwk`;

export function alliancePublishCommand(cli: Cli): Command {
  return new Command('publish')
    .summary('publish the next registry')
    .description(
      'Takes the current registry, applies the change, signs it and writes it where gateways fetch it.',
    )
    .requiredOption('--dir <directory>', "the operators' directory")
    .option('--change <file>', 'JSON of the parts that change')
    .requiredOption('--key <file>', 'private JWK of an operator; give the option once for each', several)
    .option('--days <n>', 'how long the registry is good for, up to 90', '90')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => publish(cli, options)));
}

async function publish(cli: Cli, { dir, change, key, days }: Options): Promise<Outcome> {
  const directory = resolve(dir);
  const schemas = cli.hooks.schemas();
  const { anchors, chain } = await readTrust(join(directory, ANCHORS), schemas);
  const previous = chain.at(-1);
  if (previous === undefined) throw new Error(`${directory} holds no registry`);
  const parts = change === undefined ? {} : await readJsonObject<Partial<AllianceContent>>(change);
  const body = nextRegistry(previous, parts, { now: systemClock(), lifetimeDays: Number(days) });
  const document = await signRegistry(body, await Promise.all(key.map(readSigningKey)));
  // Judged as every gateway will judge it: too few signatures or a swapped key never leave this directory.
  const { alliance, operators } = anchors;
  const value = parseStrictJson(Buffer.from(JSON.stringify(document)));
  const next = await readNext(value, previous, { alliance, operators, schemas });
  await writeChain(directory, [...chain, next], operators);
  await writeFreshness(directory, next, systemClock());
  const { serial, members } = next.body;
  return {
    json: { directory, serial, sha256: next.sha256 },
    lines: [`registry ${serial} (${next.sha256}) with ${members.length} members`],
  };
}
