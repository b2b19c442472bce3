/** `lianzheng alliance publish`: a signed draft, or a change signed with keys that are here, becomes the next registry. */
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../../../core/clock.ts';
import { nextRegistry, type AllianceContent } from '../../../federation/alliance.ts';
import { readDraft } from '../../../federation/drafting/draft.ts';
import { demandPublishable } from '../../../federation/drafting/publication.ts';
import { readNext } from '../../../federation/registry/registry-chain.ts';
import {
  signRegistry,
  type RegistryDocument,
  type VerifiedRegistry,
} from '../../../federation/registry/registry-document.ts';
import type { OperatorSet } from '../../../federation/registry/registry-types.ts';
import { parseStrictJson } from '../../../wire/json/strict-json.ts';
import type { SchemaRegistry } from '../../../wire/schema-registry.ts';
import { acting, several, type Cli, type Outcome } from '../../cli.ts';
import { readJsonFile, readJsonObject } from '../../read-json-file.ts';
import { readTrust } from '../../trust.ts';
import { ANCHORS, hasFreshnessKey, readPlace, readSigningKey, writeChain, writeFreshness } from './home.ts';

interface Options {
  readonly dir: string;
  readonly change?: string;
  readonly key?: readonly string[];
  readonly days: string;
}

const EXAMPLE = `
DRAFT was made by an edit command (admit, rotate, grant …) and signed by enough operators, each on their own machine (sign, combine).
It is judged as every gateway will judge it (signatures, chain, keys, rules) and put into registry/ and anchors.json, whole or not at all.

Without DRAFT, when all keys are on this machine: CHANGE holds whole parts of the registry that replace the old ones: members, groups, grants,
cas, operators, freshnessKey, schemas, witnessPolicy (text of a tlog-policy file, or null). Without --change the registry is renewed as it is.

Examples:
  lianzheng alliance publish signed.json --dir alliance
  lianzheng alliance publish --dir alliance --change change.json --key op1/operator-1.jwk --key op2/operator-2.jwk`;

export function alliancePublishCommand(cli: Cli): Command {
  return new Command('publish')
    .summary('publish the next registry')
    .description(
      'Checks a signed draft and writes it where gateways fetch it; or signs a change with keys that are here.',
    )
    .argument('[draft]', 'draft with enough signatures')
    .requiredOption('--dir <directory>', "the operators' directory")
    .option('--change <file>', 'without DRAFT: JSON of the parts that change')
    .option(
      '--key <file>',
      'without DRAFT: private JWK of an operator; give the option once for each',
      several,
    )
    .option('--days <n>', 'without DRAFT: how long the registry is good for, up to 90', '90')
    .addHelpText('after', EXAMPLE)
    .action(
      acting(cli, (draft: string | undefined, options: Options) =>
        draft === undefined ? publishChange(cli, options) : publishDraft(cli, draft, options),
      ),
    );
}

async function publishDraft(cli: Cli, path: string, { dir, change, key }: Options): Promise<Outcome> {
  if (change !== undefined || key !== undefined)
    throw new Error('a draft is published as it was signed: leave --change and --key out');
  const schemas = cli.hooks.schemas();
  const place = await readPlace(dir, schemas);
  const draft = await readDraft(await readJsonFile(path), place);
  await demandPublishable(draft, place.previous, systemClock());
  const { alliance, operators } = 'anchors' in place ? place.anchors : draft.body;
  const next = await judged(draft.document, place.previous, { alliance, operators, schemas });
  return write(place.directory, [...place.chain, next], operators);
}

async function publishChange(cli: Cli, { dir, change, key, days }: Options): Promise<Outcome> {
  if (key === undefined) throw new Error('give a signed draft, or the operators’ keys with --key');
  const directory = resolve(dir);
  const schemas = cli.hooks.schemas();
  const { anchors, chain } = await readTrust(join(directory, ANCHORS), schemas);
  const previous = chain.at(-1);
  if (previous === undefined) throw new Error(`${directory} holds no registry`);
  const parts = change === undefined ? {} : await readJsonObject<Partial<AllianceContent>>(change);
  const body = nextRegistry(previous, parts, { now: systemClock(), lifetimeDays: Number(days) });
  const document = await signRegistry(body, await Promise.all(key.map(readSigningKey)));
  const { alliance, operators } = anchors;
  const next = await judged(document, previous, { alliance, operators, schemas });
  return write(directory, [...chain, next], operators);
}

/** As every gateway will judge it: too few signatures or a swapped key never leave this directory. */
function judged(
  document: RegistryDocument,
  previous: VerifiedRegistry | undefined,
  trust: { readonly alliance: string; readonly operators: OperatorSet; readonly schemas: SchemaRegistry },
): Promise<VerifiedRegistry> {
  return readNext(parseStrictJson(Buffer.from(JSON.stringify(document))), previous, trust);
}

async function write(
  directory: string,
  chain: readonly VerifiedRegistry[],
  operators: OperatorSet,
): Promise<Outcome> {
  const next = chain.at(-1);
  if (next === undefined) throw new TypeError('nothing to publish');
  await writeChain(directory, chain, operators);
  const { serial, members } = next.body;
  const line = `registry ${serial} (${next.sha256}) with ${members.length} members`;
  const json = { directory, serial, sha256: next.sha256 };
  if (!hasFreshnessKey(directory))
    return { json, lines: [line, 'freshness.jwk is not here: run lianzheng alliance fresh where it is'] };
  await writeFreshness(directory, next, systemClock());
  return { json, lines: [line] };
}
