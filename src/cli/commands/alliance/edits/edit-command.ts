/** What all edit commands share: they make or go on with one unsigned draft, and show what it changes. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../../../../core/clock.ts';
import { GatewayError } from '../../../../core/errors.ts';
import {
  draftNext,
  readDraft,
  type Edit,
  type RegistryDraft,
} from '../../../../federation/drafting/draft.ts';
import { readPayload, type RegistryDocument } from '../../../../federation/registry/registry-document.ts';
import { writePrivateFile } from '../../../../pki/private-file.ts';
import { acting, type Cli, type Outcome } from '../../../cli.ts';
import { readJsonFile } from '../../../read-json-file.ts';
import { replaceFile } from '../../../replace-file.ts';
import { draftLines, shownDraft } from '../draft-lines.ts';
import { DRAFT, readHome, type Home } from '../home.ts';

export interface EditOptions {
  readonly dir: string;
  readonly draft?: string;
  readonly days: string;
  readonly issueAt?: string;
}

export interface EditContext {
  readonly home: Home;
  readonly now: Date;
  /** When the registry is to be published. */
  readonly issuedAt: Date;
}

export interface PreparedEdit {
  readonly edit: Edit;
  /** Written only when the draft is sound, before the draft itself. */
  readonly files?: readonly PreparedFile[];
}

export interface PreparedFile {
  readonly path: string;
  readonly text: string;
  /** A private key: mode 0600, never overwritten. */
  readonly secret?: boolean;
}

export const EDIT_HELP = `
The change goes into an unsigned draft (<dir>/draft.json): the registry after the newest one. More edits go into the same draft
until an operator signs it. Then: lianzheng alliance sign, on each operator's machine; combine; publish.
`;

// Commander's options have no type: each command says what it declared.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function editing<Options extends EditOptions>(
  cli: Cli,
  command: Command,
  prepare: (options: Options, context: EditContext, args: readonly string[]) => Promise<PreparedEdit>,
): Command {
  return command
    .option(
      '--dir <directory>',
      "the operators' directory (anchors.json; ca.key where certificates are issued)",
      '.',
    )
    .option('--draft <file>', 'draft to make or to go on with (default <dir>/draft.json)')
    .option('--days <n>', 'how long the registry is good for, up to 90', '90')
    .option('--issue-at <time>', 'when it is to be published, RFC 3339, if collecting signatures takes days')
    .action(
      acting(cli, async (...given: readonly unknown[]): Promise<Outcome> => {
        // Commander hands the positional arguments first, then the options, then the command.
        const options = given.at(-2) as Options;
        const args = given.slice(0, -2) as readonly string[];
        return makeDraft(cli, options, (context) => prepare(options, context, args));
      }),
    );
}

async function makeDraft(
  cli: Cli,
  options: EditOptions,
  prepare: (context: EditContext) => Promise<PreparedEdit>,
): Promise<Outcome> {
  const home = await readHome(options.dir, cli.hooks.schemas());
  const path = resolve(options.draft ?? join(home.directory, DRAFT));
  const now = systemClock();
  const issuedAt = plannedTime(options, now);
  const from = await openDraft(path, home);
  const { edit, files = [] } = await prepare({ home, now, issuedAt });
  const times = { issuedAt, lifetimeDays: Number(options.days) };
  const draft = await draftNext({ ...home, from }, edit, times);
  for (const { path: to, text, secret } of files)
    await (secret === true ? writePrivateFile(to, text) : replaceFile(to, text));
  await replaceFile(path, `${JSON.stringify(draft.document)}\n`);
  const shown = await shownDraft(draft, home.previous);
  return {
    json: { draft: path, ...shown, files: files.map((file) => file.path) },
    lines: [...draftLines(shown), ...files.map((file) => `wrote ${file.path}`), `wrote ${path}`],
  };
}

function plannedTime({ issueAt }: EditOptions, now: Date): Date {
  const at = issueAt === undefined ? now : new Date(issueAt);
  if (Number.isNaN(at.getTime())) throw new Error('--issue-at: expected a time such as 2026-01-31T09:00:00Z');
  return at;
}

/** A draft that was published meanwhile is done with; one that was signed must not change under the signatures. */
async function openDraft(path: string, home: Home): Promise<RegistryDraft | undefined> {
  if (!existsSync(path)) return undefined;
  const value = await readJsonFile(path);
  if (isPublished(value as unknown as RegistryDocument, home)) return undefined;
  const draft = await readDraft(value, home).catch((cause: unknown) => {
    throw new GatewayError('registry.draft-conflict', `${path} cannot be gone on with: ${String(cause)}`, {
      cause,
    });
  });
  if (draft.document.signatures.length > 0)
    throw new GatewayError(
      'registry.draft-conflict',
      `${path} is signed already; another change needs a draft of its own (--draft)`,
    );
  return draft;
}

function isPublished(document: RegistryDocument, { chain, schemas }: Home): boolean {
  try {
    const { sha256 } = readPayload(document, schemas);
    return chain.some((registry) => registry.sha256 === sha256);
  } catch {
    return false;
  }
}
