/** What members pull from each other: feeds of groups, and registries. */
import { FEATURE_GROUP, TRANSFER_GROUP } from '../../../src/demo/cast.ts';
import type { ErrorCode } from '../../../src/core/errors.ts';
import { forge, type Change } from '../../exchange/forge.ts';
import { send } from '../../exchange/send.ts';
import type { WireWorld } from '../../exchange/wire-world.ts';
import { forged, outcomeOf, signed, type AttackCase } from '../attack.ts';
import type { Threat } from '../threats.ts';

interface Pull {
  readonly threat: Threat;
  readonly name: string;
  readonly body: object | string;
  readonly code: ErrorCode;
  readonly grp?: string;
}

const pull =
  (path: string, grp?: string) =>
  ({ threat, name, body, code, grp: own }: Pull): AttackCase => ({
    name,
    threat,
    attack: forged(change(path, body, own ?? grp)),
    expect: signed(code),
  });

function change(path: string, body: object | string, grp?: string): Change {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { path, body: text, ...(grp === undefined ? {} : { claims: { grp } }) };
}

const page = (rest: object = {}): object => ({ group: FEATURE_GROUP, cursor: null, limit: 10, ...rest });
const cursor = (text: string): object => page({ cursor: Buffer.from(text).toString('base64url') });
const broken = (name: string, body: object | string, code: ErrorCode = 'schema.invalid'): Pull => ({
  ...{ threat: 'rogue-member', name, body, code },
});
const deputy = (name: string, group: string, grp = group, code: ErrorCode = 'grant.refused'): Pull => ({
  ...{ threat: 'confused-deputy', name, body: page({ group }), code, grp },
});

const feeds: readonly Pull[] = [
  deputy('a feed of a group that the caller is not in', TRANSFER_GROUP),
  deputy('a feed of a group that does not exist', 'no-such-group'),
  deputy('a feed of a group named like a property', 'constructor'),
  deputy(
    'a feed of one group under the token of another',
    TRANSFER_GROUP,
    FEATURE_GROUP,
    'token.claims-refused',
  ),
  broken('a feed from a cursor of words', cursor('from the start'), 'feed.cursor-invalid'),
  broken('a feed from before the beginning', cursor('feed1:-1'), 'feed.cursor-invalid'),
  broken('a feed from beyond 2^53', cursor('feed1:99999999999999999'), 'feed.cursor-invalid'),
  broken('a feed from a cursor that injects', cursor("feed1:0' OR 1=1"), 'feed.cursor-invalid'),
  broken('a feed from a cursor with an end that is hidden', cursor('feed1:0\n'), 'feed.cursor-invalid'),
  broken('a feed from a cursor of a kilobyte', page({ cursor: 'A'.repeat(1024) })),
  broken('a feed of a million', page({ limit: 1_000_000 })),
  broken('a feed of none', page({ limit: 0 })),
  broken('a feed of half a message', page({ limit: 0.5 })),
  broken('a feed with more to say', page({ as: 'police-p' })),
  broken('a feed that is a list', '[]'),
  broken('a feed that is no JSON', 'group=features', 'json.syntax'),
  broken('a feed without a body', '', 'json.syntax'),
];

const digest = 'ab'.repeat(32);
const have = (rest: object = {}): object => ({
  from: 1,
  limit: 1,
  held: { serial: 1, sha256: digest },
  ...rest,
});
const registries: readonly Pull[] = [
  broken('registries from zero', have({ from: 0 })),
  broken('registries from below zero', have({ from: -1 })),
  broken('a million registries', have({ limit: 1_000_000 })),
  broken('registries from a path', have({ from: '../../registry-1' })),
  broken('a held registry whose digest is a path', have({ held: { serial: 1, sha256: '../../etc' } })),
  broken('a held registry without its digest', have({ held: { serial: 1 } })),
  broken('registries that are a list', '[]'),
];

/** Byte for byte, but for what names the one refusal: an outsider must not learn which groups there are. */
const alike: AttackCase = {
  name: 'a feed of a hidden group answers like that of none',
  threat: 'confused-deputy',
  attack: async (world) => {
    const [hidden, none] = [await refusal(world, TRANSFER_GROUP), await refusal(world, 'no-such-group')];
    const told = (one: typeof hidden, group: string): string =>
      one.answer.body
        .toString()
        .replaceAll(String(one.answer.headers['correlation-id']), '')
        .replaceAll(group, '');
    if (told(hidden, TRANSFER_GROUP) !== told(none, 'no-such-group')) return { status: -1 };
    return outcomeOf(none.answer, none.one);
  },
  expect: signed('grant.refused', { entries: ['exchange.refused', 'exchange.refused'] }),
};

async function refusal(world: WireWorld, group: string) {
  const one = await forge(world, { ...change('/x/v1/feed', page({ group }), group) });
  return { one, answer: await send(world, one) };
}

export const pullCases: readonly AttackCase[] = [
  ...feeds.map(pull('/x/v1/feed', FEATURE_GROUP)),
  ...registries.map(pull('/x/v1/registry')),
  alike,
];
