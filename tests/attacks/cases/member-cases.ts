/** Validly signed requests of members who may not: other groups, other members' messages, parts and entries. */
import { newId } from '../../../src/core/ids.ts';
import { AUDIT_GROUP, EVIDENCE_GROUP, FEATURE_GROUP, TRANSFER_GROUP } from '../../../src/demo/cast.ts';
import { forge, type Change } from '../../exchange/forge.ts';
import { send } from '../../exchange/send.ts';
import type { WireWorld } from '../../exchange/wire-world.ts';
import {
  forged,
  outcomeOf,
  sent,
  signed,
  type AttackCase,
  type Expectation,
  type Making,
} from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import type { Threat } from '../threats.ts';

const refused = signed('grant.refused');
const bank = (threat: Threat, name: string, making: Making, expect: Expectation = refused): AttackCase => ({
  name,
  threat,
  attack: forged(making),
  expect,
});
const police = (
  threat: Threat,
  name: string,
  making: (wire: WireWorld) => Change,
  expect: Expectation = refused,
): AttackCase => ({
  name,
  threat,
  attack: async ({ wires }) => sent(wires.police, await forge(wires.police, making(wires.police))),
  expect,
});

const zeros = '0'.repeat(64);
function envelope(wire: WireWorld, kind: string, rest: object): Change {
  const id = `urn:lianzheng:schema:${kind}:1.0.0`;
  return { content: { kind, schema: { id, sha256: wire.schemas.digest(id) }, ...rest } };
}
const offer = (packetType = 'CASE_TRANSFER'): object => ({
  packetId: newId(),
  packetType,
  docNo: '1',
  bundle: { sha256: zeros, size: 1, partSize: 1_048_576, parts: [zeros] },
  manifestSha256: zeros,
});
const request = (): object => ({
  requestId: newId(),
  noticeNo: 'N',
  caseRef: 'C',
  items: [{ item: '1', description: 'x' }],
});
const transfers = { group: TRANSFER_GROUP, purpose: 'CRIMINAL_TRANSFER', legalBasis: ['Order310-3'] };

const groups: readonly AttackCase[] = [
  bank('confused-deputy', 'a group that the sender is not in', { content: { group: TRANSFER_GROUP } }),
  bank('confused-deputy', 'a group that the receiver is not in', { content: { group: EVIDENCE_GROUP } }),
  bank('confused-deputy', 'a group of everybody, for another use', { content: { group: AUDIT_GROUP } }),
  bank('confused-deputy', 'a group that does not exist', { content: { group: 'no-such-group' } }),
  bank('confused-deputy', 'a group named like a property', { content: { group: 'constructor' } }),
  bank(
    'confused-deputy',
    "an envelope of one group in another group's token",
    { claims: { grp: AUDIT_GROUP } },
    signed('envelope.invalid'),
  ),
  bank(
    'confused-deputy',
    "an envelope of another group in this group's token",
    { content: { group: TRANSFER_GROUP }, claims: { grp: FEATURE_GROUP } },
    signed('envelope.invalid'),
  ),
  bank('confused-deputy', 'no group in the token', { claims: { grp: '-' } }, signed('envelope.invalid')),
  bank(
    'confused-deputy',
    'another purpose in the token than in the envelope',
    { claims: { pur: 'CRIMINAL_INVESTIGATION' } },
    signed('envelope.invalid'),
  ),
  police('confused-deputy', 'features in the group of case transfers', (wire) =>
    envelope(wire, 'feature-batch', { ...transfers }),
  ),
  police('confused-deputy', 'a packet in the group of features', (wire) =>
    envelope(wire, 'packet-offer', { body: offer() }),
  ),
  police('confused-deputy', 'a request for evidence in the group of case transfers', (wire) =>
    envelope(wire, 'evidence-request', { ...transfers, body: request() }),
  ),
];

const rogue: readonly AttackCase[] = [
  bank('rogue-member', 'a purpose that is not granted', { content: { purpose: 'MARKETING' } }),
  bank('rogue-member', 'a purpose in small letters', { content: { purpose: 'risk_prevention' } }),
  bank('rogue-member', 'a legal basis that is not granted', { content: { legalBasis: ['PIPL-99'] } }),
  bank('rogue-member', 'a granted basis beside one that is not', {
    content: { legalBasis: ['PIPL-13', 'PIPL-99'] },
  }),
  bank('rogue-member', 'no legal basis', { content: { legalBasis: [] } }),
  bank('rogue-member', 'a grade above the grant', { feature: { grade: 4 } }),
  bank('rogue-member', 'a packet, which institutions may not send here', (w) =>
    envelope(w, 'packet-offer', { body: offer() }),
  ),
  bank('rogue-member', 'a request for evidence, which only the police may make', (w) =>
    envelope(w, 'evidence-request', { body: request() }),
  ),
  bank(
    'rogue-member',
    'an envelope that another member issued and sealed',
    ({ wires }) => ({ content: { issuer: 'police-p' }, envelopeKey: wires.police.keys.sender }),
    signed('envelope.issuer-mismatch'),
  ),
  bank(
    'rogue-member',
    "another issuer under the sender's seal",
    { content: { issuer: 'police-p' } },
    signed('envelope.issuer-mismatch'),
  ),
  bank(
    'rogue-member',
    "the sender's name under another member's seal",
    ({ wires }) => ({ envelopeKey: wires.police.keys.sender }),
    signed('envelope.signature-invalid'),
  ),
  bank(
    'rogue-member',
    'a kind that nobody handles',
    (w) => envelope(w, 'status-request', { body: { ids: [newId()] } }),
    signed('exchange.kind-unknown'),
  ),
  bank('rogue-member', 'a seal of version 2', { content: { version: 2 } }, signed('envelope.invalid')),
  bank(
    'rogue-member',
    'a sighting of the day after tomorrow',
    (w) => ({ feature: { lastSeen: new Date(w.clock().getTime() + 172_800_000).toISOString() } }),
    signed('feature.invalid'),
  ),
  bank(
    'rogue-member',
    'an envelope from before the member had a key',
    (w) => ({ content: { createdAt: new Date(w.clock().getTime() - 90 * 86_400_000).toISOString() } }),
    signed('envelope.signature-invalid'),
  ),
  bank(
    'rogue-member',
    'bytes that are not canonical',
    { payload: (bytes) => Buffer.from(` ${bytes.toString()}`) },
    signed('envelope.invalid'),
  ),
  bank(
    'rogue-member',
    'a registry that nobody has seen',
    { content: { registry: { serial: 99, sha256: zeros } } },
    signed('token.registry-unknown'),
  ),
  bank(
    'registry-rollback',
    'a registry with another digest than ours',
    { content: { registry: { serial: 2, sha256: zeros } } },
    signed('envelope.invalid'),
  ),
];

const ask = (path: string, body: object): Change => ({ path, body: JSON.stringify(body) });
const parts: readonly AttackCase[] = [
  bank(
    'confused-deputy',
    'a part of a transfer that was never made',
    ask('/x/v1/parts', { transfer: newId(), sha256: zeros, n: 0 }),
    signed('part.not-found'),
  ),
  bank(
    'confused-deputy',
    'evidence that nobody released',
    ask('/x/v1/parts', { transfer: newId(), sha256: 'ab'.repeat(32), n: 0 }),
    signed('part.not-found'),
  ),
  bank(
    'zip-slip',
    'a part whose digest is a path',
    ask('/x/v1/parts', { transfer: newId(), sha256: '../../../etc/passwd', n: 0 }),
    signed('schema.invalid'),
  ),
  bank(
    'rogue-member',
    'a part before the first',
    ask('/x/v1/parts', { transfer: newId(), sha256: zeros, n: -1 }),
    signed('schema.invalid'),
  ),
  bank(
    'lossy-numbers',
    'half a part',
    ask('/x/v1/parts', { transfer: newId(), sha256: zeros, n: 0.5 }),
    signed('schema.invalid'),
  ),
  bank(
    'oversize',
    'a status of 1,001 messages',
    ask('/x/v1/status', { ids: Array.from({ length: 1001 }, newId) }),
    signed('schema.invalid'),
  ),
  bank(
    'kid-injection',
    'a status of what injects',
    ask('/x/v1/status', { ids: ["' OR 1=1 --"] }),
    signed('schema.invalid'),
  ),
];

/** GET without a token, as stock tools read ledgers. */
async function read(wire: WireWorld, path: string): Promise<{ status: number; text: string }> {
  const one = await forge(wire, { method: 'GET', path, headers: ([host]) => [host!], wire: Buffer.alloc(0) });
  const { status, body } = await send(wire, one);
  return { status, text: body.toString() };
}
const reading = (
  name: string,
  path: string,
  status: number,
  threat: Threat = 'confused-deputy',
): AttackCase => ({
  name,
  threat,
  attack: async (world) => ({ status: (await read(world, path)).status }),
  expect: { status, entries: [] },
});

/** A message of bank-a is accepted first; then police-p wants to know about it. */
const about = (
  name: string,
  spy: (world: AttackWorld, mid: string, token: string) => Promise<{ status: number; text: string }>,
  entries: readonly string[],
  expect: Partial<Expectation> = {},
): AttackCase => ({
  name,
  threat: 'confused-deputy',
  attack: async (world) => {
    const one = await forge(world);
    const first = outcomeOf(await send(world, one));
    if (first.status !== 200) return first;
    const { status, text } = await spy(world, one.mid, one.token);
    const leaks = text.includes(one.token) || text.includes('accepted') || text.includes('leaf');
    return { status: leaks ? -1 : status };
  },
  expect: { status: 200, entries: ['message.accepted', ...entries], honest: true, ...expect },
});

const spying: readonly AttackCase[] = [
  about(
    "the state of another pair's message: unknown, as if it had never come",
    async ({ wires }, mid) => {
      const one = await forge(wires.police, ask('/x/v1/status', { ids: [mid] }));
      const { status, body } = await send(wires.police, one);
      return { status, text: body.toString() };
    },
    ['status.answered'],
  ),
  about(
    "the entries of another pair's message: none, as of one that never came",
    ({ wires }, mid) => read(wires.police, `/ledger/messages/${mid}`),
    [],
    { status: 404 },
  ),
  about(
    "another member's signed requests: not told",
    ({ wires }) => read(wires.police, '/witness/receipts'),
    [],
  ),
  reading('a message that never came', `/ledger/messages/${newId()}`, 404),
  reading('a message whose id injects', "/ledger/messages/'%20OR%201=1--", 404),
  reading('a tile outside the tree', '/ledger/tile/0/x999/999', 404),
  reading('a tile that climbs', '/ledger/tile/0/../../../../etc/passwd', 404, 'zip-slip'),
  reading('a tile that climbs, encoded', '/ledger/tile/0/%2e%2e%2f%2e%2e%2fetc%2fpasswd', 404, 'zip-slip'),
  reading('a tile of width 0', '/ledger/tile/0/000.p/0', 404),
  reading('a tile of width 999', '/ledger/tile/0/000.p/999', 404),
  reading("the latest that was cosigned of nobody's log", `/witness/${zeros}/checkpoint`, 404),
  {
    name: 'entry bundles without a right to audit: they do not exist, and the attempt is logged',
    threat: 'confused-deputy',
    attack: async (world) => ({ status: (await read(world, '/ledger/tile/entries/000.p/1')).status }),
    expect: { status: 404, entries: ['exchange.refused'] },
  },
];

export const memberCases: readonly AttackCase[] = [...groups, ...rogue, ...parts, ...spying];
