/** `lianzheng alliance init`: operators' keys, certificate authority, the first registry, anchors. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { JsonValue } from '../../../core/canonical.ts';
import { systemClock } from '../../../core/clock.ts';
import { MEMBER_ID } from '../../../core/ids.ts';
import { firstRegistry } from '../../../federation/alliance.ts';
import {
  readRegistry,
  signRegistry,
  type VerifiedRegistry,
} from '../../../federation/registry/registry-document.ts';
import type { OperatorSet, RegistryBody } from '../../../federation/registry/registry-types.ts';
import { createAuthority } from '../../../pki/authority.ts';
import { documentOf, readDraft } from '../../../federation/drafting/draft.ts';
import { writePrivateFile } from '../../../pki/private-file.ts';
import { parseStrictJson } from '../../../wire/json/strict-json.ts';
import { acting, several, type Cli, type Outcome } from '../../cli.ts';
import { readJsonObject } from '../../read-json-file.ts';
import { replaceFile } from '../../replace-file.ts';
import { draftLines, shownDraft } from './draft-lines.ts';
import { ANCHORS, CA_CERTIFICATE, CA_KEY, DRAFT, FRESHNESS_KEY, writeChain, writeFreshness } from './home.ts';
import { makeKeyPair, readOperatorKey, type OperatorKey } from './operator-key-file.ts';

interface Options {
  readonly alliance: string;
  readonly dir: string;
  readonly operators: string;
  readonly threshold: string;
  readonly operatorKey?: readonly string[];
  readonly content?: string;
}

type Content = Pick<RegistryBody, 'members' | 'groups' | 'grants' | 'witnessPolicy'>;

const EXAMPLE = `
With --operator-key, for operators on machines of their own: writes freshness.jwk (goes to the one online machine), ca.key and ca.crt, and
draft.json, the first registry without signatures. Every operator signs it (lianzheng alliance sign), then it is published.

Without, for trying things out: makes the keys of all operators too, operator-1.jwk … (give each to one operator and delete it here), and signs
and publishes registry 1: registry/registry-1.json, registry/freshness.json and anchors.json (hand this to gateways and auditors).

Examples:
  lianzheng alliance init --alliance lianzheng-east --dir alliance --threshold 2 \\
    --operator-key op1.pub.json --operator-key op2.pub.json --operator-key op3.pub.json
  lianzheng alliance init --alliance lianzheng-east --dir alliance --operators 3 --threshold 2`;

export function allianceInitCommand(cli: Cli): Command {
  return new Command('init')
    .summary('found an alliance')
    .description(
      'Makes the certificate authority, the freshness key and the first registry, for operators who bring their own keys or not.',
    )
    .requiredOption('--alliance <name>', 'name of the alliance, e.g. lianzheng-east')
    .requiredOption('--dir <directory>', "the operators' directory; must not hold an alliance yet")
    .option('--operator-key <file>', "an operator's public key file; once for each operator", several)
    .option('--operators <n>', 'without --operator-key: how many operators', '3')
    .option('--threshold <m>', 'how many of them must sign a registry', '2')
    .option('--content <file>', 'JSON with members, groups, grants and witnessPolicy of the first registry')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => init(cli, options)));
}

async function init(cli: Cli, options: Options): Promise<Outcome> {
  const { count, threshold } = quorumOf(options);
  const brought =
    options.operatorKey === undefined ? [] : await Promise.all(options.operatorKey.map(readOperatorKey));
  const directory = resolve(options.dir);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const freshness = await makeKeyPair(join(directory, FRESHNESS_KEY));
  const made: OperatorKey[] = [];
  const toMake = brought.length === 0 ? count : 0;
  for (let at = 1; at <= toMake; at++) made.push(await makeKeyPair(join(directory, `operator-${at}.jwk`)));
  const keys = brought.length === 0 ? made.map(({ jwk }) => jwk) : brought;
  const body = await firstBody(cli, options, { directory, operators: { threshold, keys }, freshness });
  return brought.length === 0
    ? publishFirst(cli, { directory, body, signers: made.slice(0, threshold) })
    : draftFirst(cli, directory, body);
}

interface Foundation {
  readonly directory: string;
  readonly operators: OperatorSet;
  readonly freshness: OperatorKey;
}

async function firstBody(
  cli: Cli,
  options: Options,
  { directory, operators, freshness }: Foundation,
): Promise<RegistryBody> {
  const { alliance } = options;
  const content = {
    ...{ alliance, operators, freshnessKey: freshness.jwk },
    cas: [await authority(directory, alliance)],
    ...(await contentOf(options)),
    schemas: schemaList(cli),
  };
  return firstRegistry(content, { now: systemClock() });
}

/** All keys are here: registry 1 is signed and written at once. */
async function publishFirst(
  cli: Cli,
  { directory, body, signers }: { directory: string; body: RegistryBody; signers: readonly OperatorKey[] },
): Promise<Outcome> {
  const registry = await signAndRead(cli, body, signers);
  await writeChain(directory, [registry], body.operators);
  await writeFreshness(directory, registry, systemClock());
  const anchors = join(directory, ANCHORS);
  return {
    json: { alliance: body.alliance, directory, anchors, serial: 1, sha256: registry.sha256 },
    lines: [`alliance ${body.alliance}, registry 1 (${registry.sha256})`, `anchors: ${anchors}`],
  };
}

async function draftFirst(cli: Cli, directory: string, body: RegistryBody): Promise<Outcome> {
  const draft = await readDraft(documentOf(body) as unknown as JsonValue, {
    previous: undefined,
    schemas: cli.hooks.schemas(),
  });
  const path = join(directory, DRAFT);
  await replaceFile(path, `${JSON.stringify(draft.document)}\n`);
  const shown = await shownDraft(draft, undefined);
  return {
    json: { alliance: body.alliance, directory, draft: path, ...shown },
    lines: [...draftLines(shown), `wrote ${path}: send it to every operator to sign`],
  };
}

function quorumOf({ alliance, operators, operatorKey, threshold }: Options): {
  count: number;
  threshold: number;
} {
  if (!MEMBER_ID.test(alliance)) throw new Error(`--alliance: expected ${String(MEMBER_ID)}`);
  const quorum = { count: operatorKey?.length ?? Number(operators), threshold: Number(threshold) };
  const isSound = quorum.threshold >= 1 && quorum.threshold <= quorum.count && quorum.count <= 32;
  if (!isSound)
    throw new Error('--threshold: expected a number from 1 to the number of operators (32 at most)');
  return quorum;
}

async function contentOf({ content }: Options): Promise<Content> {
  const empty: Content = { members: [], groups: [], grants: [], witnessPolicy: null };
  return content === undefined ? empty : { ...empty, ...(await readJsonObject<Partial<Content>>(content)) };
}

function schemaList(cli: Cli): RegistryBody['schemas'] {
  const schemas = cli.hooks.schemas();
  return schemas.ids().map((id) => ({ id, sha256: schemas.digest(id) }));
}

/** Read back as every gateway will: what they would refuse is never written. */
async function signAndRead(
  cli: Cli,
  body: RegistryBody,
  signers: readonly OperatorKey[],
): Promise<VerifiedRegistry> {
  const document = await signRegistry(
    body,
    signers.map(({ signing }) => signing),
  );
  return readRegistry(
    parseStrictJson(Buffer.from(JSON.stringify(document))),
    body.operators,
    cli.hooks.schemas(),
  );
}

async function authority(directory: string, alliance: string): Promise<string> {
  const { certPem, keyPem } = await createAuthority({ name: `Lianzheng ${alliance} CA`, alliance });
  await writePrivateFile(join(directory, CA_KEY), keyPem);
  await writeFile(join(directory, CA_CERTIFICATE), certPem);
  return certPem;
}
