/**
 * The grammar of a canonical entry as one regular expression: known members only, each once, in RFC 8785 order,
 * strings and integers in their one canonical spelling. Matching and reading happen in the same pass, which is
 * what lets an auditor check millions of entries; every part is deterministic, so matching is linear.
 */
/** Eight digits written out: V8 counts the rounds of a repetition, and two thirds of an entry are digests. */
const HEX = `"(?:${'[0-9a-f]'.repeat(8)}){8}"`;
/** RFC 8785 section 3.2.2.2: nothing is escaped that need not be. */
const ESCAPE = String.raw`\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))`;
const PLAIN = String.raw`[^"\\\x00-\x1f]*`;
const TEXT = `"${PLAIN}(?:${ESCAPE}${PLAIN})*"`;
/** Below 10^15, so that a JSON number carries it exactly. */
const INTEGER = String.raw`(?:0|[1-9]\d{0,14})`;
const MEMBER = '"[a-z0-9][a-z0-9.-]{1,62}"';
const KIND = '"[a-z][a-z0-9.-]{0,62}"';
const INSTANT = String.raw`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`;
const UUID = '"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"';

type Member = readonly [name: string, pattern: string, optional?: 'optional'];

/** The first member is always a mandatory one, so every later member brings its own comma. */
function object(members: readonly Member[]): string {
  const parts = members.map(([name, pattern, optional], position) => {
    const part = `${position === 0 ? '' : ','}"${name}":${pattern}`;
    return optional === undefined ? part : `(?:${part})?`;
  });
  return String.raw`\{${parts.join('')}\}`;
}

/** Strips the quotes: the capture is the content. */
function captured(pattern: string): string {
  return pattern.startsWith('"') ? `"(${pattern.slice(1, -1)})"` : `(${pattern})`;
}

const ENTRY = object([
  ['actor', TEXT],
  ['at', captured(INSTANT)],
  ['basis', String.raw`\[(?:${TEXT}(?:,${TEXT})*)?\]`],
  ['code', TEXT, 'optional'],
  [
    'commitments',
    object([
      ['count', INTEGER],
      ['root', HEX],
    ]),
    'optional',
  ],
  ['count', INTEGER, 'optional'],
  [
    'counter',
    object([
      ['index', captured(INTEGER)],
      ['leaf', captured(HEX)],
      ['origin', captured(TEXT)],
      ['root', captured(HEX), 'optional'],
      ['size', captured(INTEGER), 'optional'],
    ]),
    'optional',
  ],
  ['grant', TEXT, 'optional'],
  ['group', TEXT, 'optional'],
  ['id', UUID],
  ['kind', captured(KIND)],
  ['member', captured(MEMBER)],
  ['mid', captured(UUID), 'optional'],
  [
    'pair',
    object([
      ['dir', '"(in|out)"'],
      ['n', captured(INTEGER)],
      ['peer', captured(MEMBER)],
      ['prev', captured(HEX)],
    ]),
    'optional',
  ],
  ['peer', MEMBER, 'optional'],
  ['prev', captured(HEX)],
  ['purpose', TEXT, 'optional'],
  [
    'registry',
    object([
      ['serial', captured(INTEGER)],
      ['sha256', captured(HEX)],
    ]),
  ],
  ['seq', captured(INTEGER)],
  [
    'subject',
    object([
      ['id', TEXT],
      ['sha256', HEX, 'optional'],
      ['size', INTEGER, 'optional'],
      ['sm3', HEX, 'optional'],
      ['type', TEXT],
    ]),
  ],
  ['token', HEX, 'optional'],
  ['v', '1'],
]);

const CANONICAL_ENTRY = new RegExp(`^${ENTRY}$`);

export interface CounterFields {
  readonly index: number;
  readonly leaf: string;
  readonly origin: string;
  readonly root: string | undefined;
  readonly size: number | undefined;
}

export interface PairFields {
  readonly dir: string;
  readonly n: number;
  readonly peer: string;
  readonly prev: string;
}

/** The fields an auditor compares. */
export interface EntryFields {
  readonly at: string;
  readonly counter: CounterFields | undefined;
  readonly kind: string;
  readonly member: string;
  readonly mid: string | undefined;
  readonly pair: PairFields | undefined;
  readonly prev: string;
  readonly registry: { readonly serial: number; readonly sha256: string };
  readonly seq: number;
}

export function isCanonicalEntry(text: string): boolean {
  return CANONICAL_ENTRY.test(text);
}

/** Untrusted `text`, as a string or as UTF-8 bytes read as latin1. Undefined when it is no canonical entry. */
export function readEntry(text: string): EntryFields | undefined {
  const found = CANONICAL_ENTRY.exec(text);
  if (found === null) return undefined;
  return {
    at: found[1] ?? '',
    counter: counterOf(found),
    kind: found[7] ?? '',
    member: found[8] ?? '',
    mid: found[9],
    pair: pairOf(found),
    prev: found[14] ?? '',
    registry: { serial: Number(found[15]), sha256: found[16] ?? '' },
    seq: Number(found[17]),
  };
}

function counterOf(found: RegExpExecArray): CounterFields | undefined {
  if (found[2] === undefined) return undefined;
  const size = found[6] === undefined ? undefined : Number(found[6]);
  return { index: Number(found[2]), leaf: found[3] ?? '', origin: found[4] ?? '', root: found[5], size };
}

function pairOf(found: RegExpExecArray): PairFields | undefined {
  if (found[10] === undefined) return undefined;
  return { dir: found[10], n: Number(found[11]), peer: found[12] ?? '', prev: found[13] ?? '' };
}
