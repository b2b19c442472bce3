/** The program as the harness runs it: transpiled from src/ with its failpoints and, where asked, with one seeded bug. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { programRoot } from '../../../src/config.ts';
import { atExit } from './at-exit.ts';

/** A mistake that someone could make, as an edit of the sources. */
export interface SeededBug {
  readonly name: string;
  readonly edits: readonly SourceEdit[];
}

export interface SourceEdit {
  /** Below the repository, e.g. `src/federation/inbox.ts`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly replace: string;
  readonly by: string;
}

/** Builds of this run hang on the global object: mocha may load this file as two modules. */
const run = globalThis as { lianzhengFaultBuilds?: Map<string, string> };
/** What the program reads of its own installation. */
const SHARED = ['node_modules', 'certs', 'schemas', 'samples', 'openapi.yaml', 'package.json'];
const SOURCES = ['src', 'migrations'];

const COMPILER_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** Path of the program's entry; each is built once a run. Throws when an edit no longer fits the sources. */
export function buildProgram(bug?: SeededBug): string {
  run.lianzhengFaultBuilds ??= removedAtExit();
  const name = bug?.name ?? '';
  const directory = run.lianzhengFaultBuilds.get(name) ?? mkdtempSync(join(tmpdir(), 'lianzheng-build-'));
  const main = join(directory, 'dist/src/main.js');
  if (run.lianzhengFaultBuilds.has(name)) return main;
  run.lianzhengFaultBuilds.set(name, directory);
  for (const shared of SHARED) symlinkSync(join(programRoot, shared), join(directory, shared));
  if (bug === undefined)
    for (const file of SOURCES.flatMap(sourcesBelow)) transpile(file, sourceOf(file), directory);
  else plant(bug, directory);
  return main;
}

/** Everything else is the sound program's, byte by byte. */
function plant(bug: SeededBug, directory: string): void {
  cpSync(dirname(dirname(buildProgram())), join(directory, 'dist'), { recursive: true });
  for (const [file, text] of edited(bug)) transpile(file, text, directory);
}

function removedAtExit(): Map<string, string> {
  const builds = new Map<string, string>();
  atExit(() => {
    for (const directory of builds.values()) rmSync(directory, { recursive: true, force: true });
  });
  return builds;
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(programRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function sourceOf(file: string): string {
  return readFileSync(join(programRoot, file), 'utf8');
}

function edited(bug: SeededBug): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { file, replace, by } of bug.edits) {
    const text = texts.get(file) ?? sourceOf(file);
    if (text.split(replace).length !== 2)
      throw new Error(`seeded bug ${bug.name}: ${file} no longer has, once, ${JSON.stringify(replace)}`);
    texts.set(
      file,
      text.replace(replace, () => by),
    );
  }
  return texts;
}

function transpile(file: string, text: string, directory: string): void {
  const { outputText } = ts.transpileModule(text, { compilerOptions: COMPILER_OPTIONS, fileName: file });
  const target = join(directory, 'dist', file.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, outputText);
}
