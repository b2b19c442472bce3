/** Policy files (c2sp.org/tlog-policy): which logs are believed, and whose cosignatures make a quorum. */
import { GatewayError } from '../../core/errors.ts';
import { readVkey } from '../notes/note-key.ts';

export interface PolicyWitness {
  readonly name: string;
  readonly vkey: string;
  readonly url: string | undefined;
}

export interface WitnessPolicy {
  readonly logs: readonly { readonly vkey: string; readonly url: string | undefined }[];
  readonly witnesses: readonly PolicyWitness[];
  /** Whether these vkeys make a quorum. */
  isQuorum(vkeys: ReadonlySet<string>): boolean;
}

/** Whether a named component is satisfied by these vkeys. */
type Component = (vkeys: ReadonlySet<string>) => boolean;

interface Draft {
  readonly logs: { readonly vkey: string; readonly url: string | undefined }[];
  readonly witnesses: PolicyWitness[];
  readonly components: Map<string, Component>;
  readonly grouped: Set<string>;
  quorum: Component | undefined;
}

/** Far above the 32 of each that every reader must take. */
const MAX_LINES = 4096;
const NONE = 'none';

/** Nobody's cosignature is asked for. */
export const NO_WITNESSES: WitnessPolicy = { logs: [], witnesses: [], isQuorum: () => true };

/** Throws config.invalid that names the line. */
export function readPolicy(text: string): WitnessPolicy {
  const lines = text.split('\n');
  if (lines.length > MAX_LINES) throw invalid(MAX_LINES, 'too many lines');
  const draft: Draft = {
    logs: [],
    witnesses: [],
    components: new Map(),
    grouped: new Set(),
    quorum: undefined,
  };
  lines.forEach((line, at) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === '' || words[0]?.startsWith('#') === true) return;
    readLine(draft, words, at + 1);
  });
  if (draft.quorum === undefined) throw invalid(lines.length, 'no quorum line');
  return { logs: draft.logs, witnesses: draft.witnesses, isQuorum: draft.quorum };
}

function readLine(draft: Draft, [keyword = '', ...words]: readonly string[], line: number): void {
  if (keyword === 'log') return readLog(draft, words, line);
  if (keyword === 'witness') return readWitness(draft, words, line);
  if (keyword === 'group') return readGroup(draft, words, line);
  if (keyword === 'quorum') return readQuorum(draft, words, line);
  throw invalid(line, `unknown keyword ${keyword}`);
}

function readLog(draft: Draft, [vkey = '', url, ...rest]: readonly string[], line: number): void {
  if (rest.length > 0) throw invalid(line, 'expected log <vkey> [<url>]');
  demandKey(vkey, 'log', line);
  if (draft.logs.some((log) => log.vkey === vkey)) throw invalid(line, 'the log is listed twice');
  draft.logs.push({ vkey, url });
}

function readWitness(
  draft: Draft,
  [name = '', vkey = '', url, ...rest]: readonly string[],
  line: number,
): void {
  if (rest.length > 0) throw invalid(line, 'expected witness <name> <vkey> [<url>]');
  demandKey(vkey, 'cosigner', line);
  if (draft.witnesses.some((witness) => witness.vkey === vkey))
    throw invalid(line, 'the key is listed twice');
  define(draft, name, line, (vkeys) => vkeys.has(vkey));
  draft.witnesses.push({ name, vkey, url });
}

function readGroup(
  draft: Draft,
  [name = '', threshold = '', ...members]: readonly string[],
  line: number,
): void {
  const needed =
    threshold === 'all'
      ? members.length
      : threshold === 'any'
        ? 1
        : /^[1-9]\d*$/.test(threshold)
          ? Number(threshold)
          : 0;
  if (needed < 1 || needed > members.length) {
    throw invalid(line, `expected all, any or a number from 1 to ${members.length}, got ${threshold}`);
  }
  const components = members.map((member) => memberOf(draft, member, line));
  define(draft, name, line, (vkeys) => components.filter((component) => component(vkeys)).length >= needed);
}

/** No forward references, and nobody is counted twice. */
function memberOf({ components, grouped }: Draft, member: string, line: number): Component {
  const component = components.get(member);
  if (component === undefined) throw invalid(line, `${member} is not defined above`);
  if (grouped.has(member)) throw invalid(line, `${member} is in a group already`);
  grouped.add(member);
  return component;
}

function readQuorum(draft: Draft, [name = '', ...rest]: readonly string[], line: number): void {
  if (draft.quorum !== undefined) throw invalid(line, 'a second quorum line');
  const component = name === NONE ? () => true : draft.components.get(name);
  if (component === undefined || rest.length > 0) throw invalid(line, `quorum ${name} is not defined above`);
  draft.quorum = component;
}

function define({ components }: Draft, name: string, line: number, component: Component): void {
  if (name === '' || name === NONE || components.has(name)) {
    throw invalid(line, `name ${JSON.stringify(name)} is empty, reserved or taken`);
  }
  components.set(name, component);
}

function demandKey(vkey: string, type: 'log' | 'cosigner', line: number): void {
  try {
    readVkey(vkey, type);
  } catch (cause) {
    throw invalid(line, cause instanceof Error ? cause.message : 'the key cannot be read');
  }
}

function invalid(line: number, message: string): GatewayError {
  return new GatewayError('config.invalid', `witness policy, line ${line}: ${message}`);
}
