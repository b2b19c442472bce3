/** What follows a request on the same connection: a second one, smuggled or honest, too much, too little. */
import { forge, type Change } from '../../exchange/forge.ts';
import { bytesOf } from '../../exchange/send.ts';
import type { AttackCase, Expectation, Outcome } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import { converse, type Manner, type Said } from '../raw-socket.ts';
import type { Threat } from '../threats.ts';

type Script = (world: AttackWorld) => Promise<readonly Said[]>;

/** The outcome's status is the last answer's; how many answers came is asserted through the sum in `code`. */
function conversation(
  threat: Threat,
  name: string,
  script: Script,
  statuses: readonly number[],
  expect: Partial<Expectation>,
  { orElse, ...manner }: Manner & { readonly orElse?: readonly number[] } = {},
): AttackCase {
  return {
    name,
    threat,
    attack: async (world): Promise<Outcome> => {
      const until = answersOf(statuses);
      const talk = await converse(world, await script(world), { until, ...manner });
      const same = [statuses, ...(orElse === undefined ? [] : [orElse])].some(
        (one) => one.join() === talk.statuses.join(),
      );
      return {
        status: same ? (statuses.at(-1) ?? 0) : -1,
        code: same ? expect.code : `answers ${talk.statuses.join()}`,
      };
    },
    expect: { status: statuses.at(-1) ?? 0, ...expect },
  };
}

/** Matches once these answers have begun, one after the other. */
function answersOf(statuses: readonly number[]): RegExp {
  return new RegExp(statuses.map((status) => `HTTP/1\\.1 ${status} [^]*`).join(''));
}

const message = async (world: AttackWorld, change: Change = {}): Promise<string> =>
  bytesOf(await forge(world, change)).toString('latin1');
const said = (...parts: readonly string[]): readonly Said[] =>
  parts.map((text) => ({ bytes: Buffer.from(text, 'latin1') }));
/** Byte by byte at first, the rest at once: the parser has seen every seam by then. */
const letters = (text: string): readonly Said[] => said(...text.slice(0, 600).split(''), text.slice(600));
const accepted = 'message.accepted';
const refused = 'exchange.refused';

export const conversationCases: readonly AttackCase[] = [
  conversation(
    'smuggling',
    'two honest messages in one write: both are answered, in order',
    async (w) => said((await message(w)) + (await message(w))),
    [200, 200],
    {
      entries: [accepted, accepted],
      honest: true,
    },
  ),
  conversation(
    'smuggling',
    'a request inside the body of a refused one: it is a body',
    async (w) => said(await message(w, { claims: { aud: 'police-p' }, body: await message(w) })),
    [401],
    {
      code: 'token.audience-mismatch',
    },
  ),
  conversation(
    'smuggling',
    'a request inside a body that is over the limit: the connection ends',
    async (w) =>
      said((await message(w, { body: ' '.repeat(1_048_577), wire: Buffer.alloc(0) })) + (await message(w))),
    [413],
    {
      code: 'http.body-too-large',
    },
  ),
  conversation(
    'smuggling',
    'a request behind Content-Length and chunked: the connection ends',
    async (w) => {
      const first = await message(w, { headers: (l) => [...l, ['transfer-encoding', 'chunked']] });
      return said(first + (await message(w)));
    },
    [400],
    { code: 'http.header-invalid' },
  ),
  conversation(
    'smuggling',
    'an honest message behind chunks: it is judged by itself, and the connection ends',
    async (w) => {
      const head = (await message(w, { wire: Buffer.alloc(0) })).replace(
        /content-length: \d+\r\n/,
        'transfer-encoding: chunked\r\n',
      );
      return said(`${head}0\r\n\r\n${await message(w)}`);
    },
    [415],
    {
      code: 'http.encoding-refused',
      entries: [refused, accepted],
      // The first answer ends the connection: the second sender may be gone before its body is read.
      orEntries: [refused, refused],
      honest: true,
    },
  ),
  conversation(
    'smuggling',
    'more bytes than were announced, after the answer: the message counts, then the connection ends',
    async (w) => [{ bytes: await message(w), until: answersOf([200]) }, { bytes: 'XXXXXXXX\r\n\r\n' }],
    [200, 400],
    { code: 'http.header-invalid', entries: [accepted, refused], honest: true },
  ),
  conversation(
    'smuggling',
    'more bytes than were announced, at once: the connection ends',
    async (w) => said(`${await message(w)}XXXXXXXX\r\n\r\n`),
    [200, 400],
    {
      code: 'http.header-invalid',
      entries: [accepted, refused],
      // The parser ends the connection while the message is judged: its sender may be gone before its body is read.
      orEntries: [refused, refused],
      honest: true,
    },
    { orElse: [400] },
  ),
  conversation(
    'slow-client',
    'a body cut short by hanging up',
    async (w) => [{ bytes: (await message(w)).slice(0, -40) }],
    [],
    { code: 'http.body-truncated' },
    { hangUp: true },
  ),
  conversation(
    'slow-client',
    'a checkpoint for our witness cut short by hanging up',
    async (w) => {
      const whole = await message(w, { path: '/witness/add-checkpoint', body: 'old 0\n\nexample.org/log\n' });
      return [{ bytes: whole.slice(0, -10) }];
    },
    [],
    { code: 'http.body-truncated' },
    { hangUp: true },
  ),
  conversation(
    'slow-client',
    'a head cut short by hanging up',
    async (w) => [{ bytes: (await message(w)).slice(0, 200) }],
    [],
    { entries: [] },
    { hangUp: true },
  ),
  conversation(
    'slow-client',
    'a connection that is opened and left',
    async () => [],
    [],
    { entries: [] },
    { hangUp: true },
  ),
  conversation(
    'smuggling',
    'an honest message behind empty lines',
    async (w) => said(`\r\n\r\n${await message(w)}`),
    [200],
    { entries: [accepted], honest: true },
  ),
  conversation(
    'smuggling',
    'Expect: 100-continue with a bad token: the body is never invited',
    async (w) =>
      said(
        await message(w, {
          claims: { aud: 'police-p' },
          headers: (l) => [...l, ['expect', '100-continue']],
          wire: Buffer.alloc(0),
        }),
      ),
    [401],
    {
      code: 'token.audience-mismatch',
    },
  ),
  conversation(
    'smuggling',
    'Expect: 100-continue and the body at once',
    async (w) => said(await message(w, { headers: (l) => [...l, ['expect', '100-continue']] })),
    [100, 200],
    {
      entries: [accepted],
      honest: true,
    },
  ),
  conversation(
    'slow-client',
    'a message letter by letter',
    async (w) => letters(await message(w, { claims: { aud: 'police-p' }, body: '{}' })),
    [401],
    {
      code: 'token.audience-mismatch',
    },
  ),
  conversation(
    'slow-client',
    'a good message in pieces of one byte',
    async (w) => letters(await message(w)),
    [200],
    {
      entries: [accepted],
      honest: true,
    },
  ),
];
