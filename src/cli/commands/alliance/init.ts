/** `lianzheng alliance init`: operators' keys, certificate authority, the first registry, anchors. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../../../core/clock.ts';
import { MEMBER_ID } from '../../../core/ids.ts';
import { firstRegistry } from '../../../federation/alliance.ts';
import { readRegistry, signRegistry, type VerifiedRegistry } from '../../../federation/registry-document.ts';
import type { RegistryBody, RegistryJwk } from '../../../federation/registry-types.ts';
import { createAuthority } from '../../../pki/authority.ts';
import { writePrivateFile } from '../../../pki/private-file.ts';
import { generateSealKey, importSigningKey, type SigningKey } from '../../../wire/jws.ts';
import { parseStrictJson } from '../../../wire/strict-json.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { readJsonObject } from '../../read-json-file.ts';
import { ANCHORS, CA_CERTIFICATE, CA_KEY, FRESHNESS_KEY, writeChain, writeFreshness } from './home.ts';

interface Options {
  readonly alliance: string;
  readonly dir: string;
  readonly operators: string;
  readonly threshold: string;
  readonly content?: string;
}

interface OperatorKey {
  readonly signing: SigningKey;
  readonly jwk: RegistryJwk;
}

type Content = Pick<RegistryBody, 'members' | 'groups' | 'grants' | 'witnessPolicy'>;

const EXAMPLE = `
Writes to the directory: operator-1.jwk … (give each to one operator and delete it here), freshness.jwk (stays online),
ca.key and ca.crt, registry/registry-1.json, registry/freshness.json and anchors.json (hand this to gateways and auditors).

Example:
  lianzheng alliance init --alliance lianzheng-east --dir alliance --operators 3 --threshold 2`;

export function allianceInitCommand(cli: Cli): Command {
  return new Command('init')
    .summary('found an alliance')
    .description(
      'Makes the keys of the operators and of the certificate authority, and signs the first registry.',
    )
    .requiredOption('--alliance <name>', 'name of the alliance, e.g. lianzheng-east')
    .requiredOption('--dir <directory>', "the operators' directory; must not hold an alliance yet")
    .option('--operators <n>', 'how many operators', '3')
    .option('--threshold <m>', 'how many of them must sign a registry', '2')
    .option('--content <file>', 'JSON with members, groups, grants and witnessPolicy of the first registry')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => init(cli, options)));
}

async function init(cli: Cli, options: Options): Promise<Outcome> {
  const { alliance } = options;
  const { count, threshold } = quorumOf(options);
  const directory = resolve(options.dir);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const freshness = await keyPair(join(directory, FRESHNESS_KEY));
  const operators: OperatorKey[] = [];
  for (let at = 1; at <= count; at++) operators.push(await keyPair(join(directory, `operator-${at}.jwk`)));
  const body = firstRegistry(
    {
      alliance,
      operators: { threshold, keys: operators.map(({ jwk }) => jwk) },
      freshnessKey: freshness.jwk,
      cas: [await authority(directory, alliance)],
      ...(await contentOf(options)),
      schemas: schemaList(cli),
    },
    { now: systemClock() },
  );
  const registry = await signAndRead(cli, body, operators.slice(0, threshold));
  await writeChain(directory, [registry], body.operators);
  await writeFreshness(directory, registry, systemClock());
  const anchors = join(directory, ANCHORS);
  return {
    json: { alliance, directory, anchors, serial: 1, sha256: registry.sha256 },
    lines: [`alliance ${alliance}, registry 1 (${registry.sha256})`, `anchors: ${anchors}`],
  };
}

function quorumOf({ alliance, operators, threshold }: Options): { count: number; threshold: number } {
  if (!MEMBER_ID.test(alliance)) throw new Error(`--alliance: expected ${String(MEMBER_ID)}`);
  const quorum = { count: Number(operators), threshold: Number(threshold) };
  const isSound = quorum.threshold >= 1 && quorum.threshold <= quorum.count && quorum.count <= 32;
  if (!isSound) throw new Error('--threshold: expected a number from 1 to --operators (32 at most)');
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

async function keyPair(path: string): Promise<OperatorKey> {
  const { privateJwk, publicJwk, kid } = await generateSealKey('Ed25519');
  await writePrivateFile(path, JSON.stringify(privateJwk));
  return { signing: await importSigningKey(privateJwk), jwk: { ...publicJwk, kid, alg: 'Ed25519' } };
}

async function authority(directory: string, alliance: string): Promise<string> {
  const { certPem, keyPem } = await createAuthority({ name: `Lianzheng ${alliance} CA`, alliance });
  await writePrivateFile(join(directory, CA_KEY), keyPem);
  await writeFile(join(directory, CA_CERTIFICATE), certPem);
  return certPem;
}
