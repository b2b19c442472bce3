/** `lianzheng explain`: why can, or can't, a member do this? Asked of a gateway, or of a registry file alone. */
import { Command } from 'commander';
import { systemClock } from '../../../core/clock.ts';
import { explain, type ExplainQuestion } from '../../../federation/grants/explain.ts';
import { readNext } from '../../../federation/registry/registry-chain.ts';
import { createRegistryView, type RegistryView } from '../../../federation/registry/registry-view.ts';
import type { Right } from '../../../federation/registry/registry-types.ts';
import type { Schemas } from '../../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, several, type Cli, type Outcome } from '../../cli.ts';
import { readJsonFile } from '../../read-json-file.ts';
import { readTrust } from '../../trust.ts';
import { explanationLines, languageOf } from './explain-lines.ts';

interface Options extends AccessOptions {
  readonly member: string;
  readonly right: string;
  readonly group: string;
  readonly kind: string;
  readonly purpose: string;
  readonly legalBasis?: readonly string[];
  readonly grade: string;
  readonly personal?: boolean;
  readonly lang: string;
  readonly anchors?: string;
  readonly registry?: string;
}

const RIGHTS = ['push', 'screen', 'query', 'request', 'transfer', 'audit', 'status'];
const EXAMPLE = `
Nothing is done and nothing is logged. With --anchors no gateway is asked: the newest registry of the file answers, or the
one given with --registry, which must follow it; then no quota is counted. Exit codes: 0 permitted, 1 refused, 2 could not ask.

Examples:
  lianzheng explain --member bank-a --right push --group broker-features --kind feature-batch \\
    --purpose RISK_PREVENTION --legal-basis PIPL-13 --grade 3 --personal --lang zh
  lianzheng explain --anchors alliance/anchors.json --member bank-a --right transfer --group case-transfer \\
    --kind packet-offer --purpose CRIMINAL_TRANSFER --legal-basis Order310-3`;

export function explainCommand(cli: Cli): Command {
  return withAccess(new Command('explain'))
    .summary("why a member can, or can't, do something")
    .description(
      'Judges each condition of each grant of the group, and says in words how it came out. Scope audit:read.',
    )
    .requiredOption('--member <id>', 'who would act')
    .requiredOption('--right <right>', RIGHTS.join(', '))
    .requiredOption('--group <group>', 'sharing group')
    .requiredOption('--kind <kind>', 'kind of content, as grants name it')
    .requiredOption('--purpose <code>', 'purpose')
    .option('--legal-basis <code>', 'legal basis that is claimed; give the option once for each', several)
    .option('--grade <n>', 'highest data grade, 0 to 5', '0')
    .option('--personal', 'personal values would travel in clear')
    .option('--lang <language>', 'en or zh', 'en')
    .option('--anchors <file>', 'ask this file instead of a gateway')
    .option('--registry <file>', 'with --anchors: a registry document that follows those of the anchors')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => explainGrants(cli, options)));
}

async function explainGrants(cli: Cli, options: Options): Promise<Outcome> {
  const language = languageOf(options.lang);
  const question = questionOf(options);
  const found =
    options.anchors === undefined ? await ask(cli, options, question) : await offline(cli, options, question);
  return {
    exitCode: found.permit ? 0 : 1,
    json: found,
    lines: explanationLines(found, { language, counted: options.anchors === undefined }),
  };
}

function questionOf({
  member,
  right,
  group,
  kind,
  purpose,
  legalBasis = [],
  grade,
  personal,
}: Options): ExplainQuestion {
  if (!RIGHTS.includes(right)) throw new Error(`--right ${right}: expected ${RIGHTS.join(', ')}`);
  if (!/^[0-5]$/.test(grade)) throw new Error(`--grade ${grade}: expected 0 to 5`);
  const asked = { member, right: right as Right, group, kind, purpose, legalBasis };
  return { ...asked, grade: Number(grade), personal: personal === true };
}

async function ask(
  cli: Cli,
  access: AccessOptions,
  question: ExplainQuestion,
): Promise<Schemas['Explanation']> {
  const client = await clientOf(cli, access);
  const { grade, personal, ...words } = question;
  return client.get('/v1/explain', { query: { ...words, grade: String(grade), personal: String(personal) } });
}

async function offline(
  cli: Cli,
  options: Options,
  question: ExplainQuestion,
): Promise<Schemas['Explanation']> {
  const registry = await registryOf(cli, options);
  return explain(question, { registry, now: systemClock(), used: new Map() });
}

async function registryOf(cli: Cli, { anchors = '', registry }: Options): Promise<RegistryView> {
  const schemas = cli.hooks.schemas();
  const trust = await readTrust(anchors, schemas);
  const newest = trust.chain.at(-1);
  if (newest === undefined) throw new Error(`${anchors} holds no registry`);
  if (registry === undefined) return createRegistryView(newest);
  const document = await readJsonFile(registry);
  const { alliance, operators } = trust.anchors;
  return createRegistryView(await readNext(document, newest, { alliance, operators, schemas }));
}
