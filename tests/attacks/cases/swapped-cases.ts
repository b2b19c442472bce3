/** Answers that a proven peer signed, to another request or about another answer: each is honest but for one claim. */
import { sha256 } from '../../../src/core/digest.ts';
import { newId, newNonce } from '../../../src/core/ids.ts';
import { digestClaim } from '../../../src/wire/content-digest.ts';
import { tokenHash, type ResponseClaims } from '../../../src/wire/exchange-token.ts';
import type { AttackCase, Expectation } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import { askStatus } from '../fake-server.ts';
import { withMaliciousPeer, type Asked, type Reply } from '../malicious-peer.ts';

const invalid: Expectation = { status: 1, code: 'exchange.response-invalid', entries: [], calls: 1 };
const body = Buffer.from('{"results":[]}');
const zeros = Buffer.alloc(32).toString('base64url');

const swapped = (
  name: string,
  bend: (asked: Asked, world: AttackWorld) => Partial<Reply>,
  expect: Expectation = invalid,
): AttackCase => ({
  name,
  threat: 'swapped-answer',
  victim: ({ gateways }) => gateways['bank-a'],
  attack: (world) =>
    withMaliciousPeer(world, { script: (asked) => ({ body, ...bend(asked, world) }) }, ({ client, served }) =>
      askStatus(client, served),
    ),
  expect,
});
const claim = (name: string, change: (asked: Asked) => Partial<ResponseClaims>): AttackCase =>
  swapped(name, (asked) => ({ claims: change(asked) }));

/** The first call is answered as it should be; the second gets the same answer again. */
const again: AttackCase = {
  name: 'the answer to the request before',
  threat: 'swapped-answer',
  victim: ({ gateways }) => gateways['bank-a'],
  attack: (world) => {
    let first: string | undefined;
    const onToken = (made: string): void => void (first ??= made);
    const script = (): Reply => ({ body, onToken, ...(first === undefined ? {} : { token: first }) });
    return withMaliciousPeer(world, { script }, async ({ client, served }) => {
      const { status } = await askStatus(client, served);
      return status === 200
        ? askStatus(client, served)
        : { status: -1, code: 'the honest answer is refused' };
    });
  },
  expect: { ...invalid, calls: 2 },
};

export const swappedCases: readonly AttackCase[] = [
  swapped('the honest answer, which is believed', () => ({}), { status: 200, entries: [], calls: 1 }),
  again,
  claim("another request's token", () => ({ rth: tokenHash('another') })),
  claim("another request's jti", () => ({ rjti: newNonce() })),
  claim("another message's id", () => ({ mid: newId() })),
  claim('another request body', () => ({ rcdg: digestClaim(sha256('another')) })),
  claim('no request body', () => ({ rcdg: null })),
  claim('another path', ({ claims }) => ({ htu: claims.htu.replace('/status', '/registry') })),
  claim('another host', () => ({ htu: 'https://police.example:8443/x/v1/status' })),
  claim('another method', () => ({ htm: 'GET' })),
  claim('another caller', () => ({ aud: 'regulator-r' })),
  claim('another member as the answerer', () => ({ iss: 'regulator-r' })),
  claim("another server's certificate", () => ({ cnf: { 'x5t#S256': zeros } })),
  claim('another status', () => ({ sts: 409 })),
  claim('another media type', () => ({ cty: 'text/plain' })),
  claim('another length', () => ({ len: body.length + 1 })),
  claim('another content', () => ({ cdg: digestClaim(sha256('another')) })),
  claim('an answer of an hour ago', ({ claims }) => ({ iat: claims.iat - 3600 })),
  claim('an answer from an hour ahead', ({ claims }) => ({ iat: claims.iat + 3600 })),
  swapped('other bytes under a good token', () => ({ sent: Buffer.from('{"results":{}}') })),
  swapped("a good answer under another member's seal", (_asked, { keys }) => ({ signer: keys.receiver })),
];
