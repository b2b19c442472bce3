/** A command that judges a file offline, trusting an anchors file and nothing else. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readAnchors, type Anchors } from '../federation/alliance.ts';
import type { SchemaRegistry } from '../wire/schema-registry.ts';
import { acting, type Cli } from './cli.ts';
import { undecided } from './failure.ts';
import { readJsonFile } from './read-json-file.ts';

interface Verdict {
  readonly ok: boolean;
  /** false: it could not be judged. */
  readonly checked?: boolean;
}

export interface FileJudge<Report extends Verdict> {
  readonly verify: (
    bytes: Buffer,
    trust: { readonly anchors: Anchors; readonly schemas: SchemaRegistry },
  ) => Promise<Report>;
  readonly linesOf: (report: Report) => readonly string[];
}

/** Adds `--anchors` and the action to a command whose argument is the file. Exit codes: 0 valid, 1 invalid, 2 not judged. */
export function judgingFile<Report extends Verdict>(
  cli: Cli,
  command: Command,
  { verify, linesOf }: FileJudge<Report>,
): Command {
  return command.requiredOption('--anchors <file>', 'what to trust').action(
    acting(cli, async (name: string, options: { anchors: string }) => {
      const schemas = cli.hooks.schemas();
      const anchors = await readJsonFile(options.anchors)
        .then((value) => readAnchors(value, schemas))
        .catch(undecided);
      const file = resolve(name);
      const report = await verify(await readFile(file), { anchors, schemas });
      const { ok, checked = true } = report;
      return { exitCode: ok ? 0 : checked ? 1 : 2, json: { file, ...report }, lines: linesOf(report) };
    }),
  );
}
