/** Writes what is generated from a contract; with --check only says what is stale (exit code 1). */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { errorTable } from '../src/core/error-table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}
type PathItem = Readonly<Record<string, Operation>>;
interface Contract {
  readonly paths: Readonly<Record<string, PathItem>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const targets: Readonly<Record<string, () => Promise<string>>> = {
  'src/http/api-types.ts': async () =>
    `/** Generated from openapi.yaml by scripts/generate.ts; do not edit. */\n${astToString(
      await openapiTS(new URL('../openapi.yaml', import.meta.url), { immutable: true }),
    )}`,
  'src/http/api-operations.ts': async () => operationTable(readContract()),
  'docs/errors.md': async () => errorPage(),
};

const stale: string[] = [];
for (const [file, make] of Object.entries(targets)) {
  const path = join(root, file);
  const text = await pretty(path, await make());
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  stale.push(file);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
}
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}; run npm run generate`);
  process.exit(1);
}
console.error(stale.length === 0 ? 'generated files are fresh' : `written: ${stale.join(', ')}`);

async function pretty(path: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

/** The contract with anchors and references as Redocly's own loader resolves them. */
function readContract(): Contract {
  const directory = mkdtempSync(join(tmpdir(), 'lianzheng-'));
  const output = join(directory, 'openapi.json');
  try {
    const done = spawnSync(
      process.execPath,
      [join(root, 'node_modules/@redocly/cli/bin/cli.js'), 'bundle', 'openapi.yaml', '--output', output],
      {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      },
    );
    if (done.status !== 0) throw new Error(`openapi.yaml cannot be read:\n${done.stderr}`);
    return JSON.parse(readFileSync(output, 'utf8')) as Contract;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function operationTable(contract: Contract): string {
  const rows = Object.entries(contract.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => ({ path, method, operation })),
  );
  const plane = (peer: boolean): string =>
    rows
      .filter(({ operation }) => operation.tags.includes('Peer') === peer)
      .map(
        ({ path, method, operation }) =>
          `  ${operation.operationId}: ${operationRow(path, method, operation)},`,
      )
      .join('\n');
  return `/** Generated from openapi.yaml by scripts/generate.ts: what each operation is, in Express's words; do not edit. */
export interface ApiOperation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Path in Express's form. */
  readonly path: string;
  /** Any one of these opens the operation; empty: no token needed. */
  readonly anyScope: readonly string[];
  /** Media types of the request body; empty: no body. */
  readonly bodies: readonly string[];
}

export const memberOperations = {
${plane(false)}
} as const satisfies Record<string, ApiOperation>;

export const peerOperations = {
${plane(true)}
} as const satisfies Record<string, ApiOperation>;

export type MemberOperationId = keyof typeof memberOperations;
export type PeerOperationId = keyof typeof peerOperations;
`;
}

function operationRow(path: string, method: string, operation: Operation): string {
  return JSON.stringify({
    method,
    path: path.replace(/\{(\w+)\}/g, ':$1'),
    anyScope: (operation.security ?? []).flatMap((alternative) => alternative['oauth'] ?? []),
    bodies: Object.keys(operation.requestBody?.content ?? {}),
  });
}

function errorPage(): string {
  const rows = Object.entries(errorTable).map(
    ([code, row]) => `| \`${code}\` | ${row.status} | ${row.title} | ${row.remedy} |`,
  );
  return `# Errors

Every refusal carries one of these codes: in \`application/problem+json\` as \`code\`, in the CLI before the message, in the ledger's
refusal entries as \`code\`. This page is generated from src/core/error-table.ts.

| code | status | what it means | what to do |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}
