/** What exists and may not be seen answers exactly like what does not exist, whoever asks for it, over real TLS. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { newId } from '../../src/core/ids.ts';
import { AUDIT_GROUP, EVIDENCE_GROUP, FEATURE_GROUP, TRANSFER_GROUP } from '../../src/demo/cast.ts';
import { packetRecord } from '../../src/evidence/packets.ts';
import { transferPacket } from '../../src/evidence/handing-over/transfer.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import { readToken } from '../../src/wire/exchange-token.ts';
import {
  ACTOR,
  bearer,
  post,
  signedPacket,
  type EvidenceMember,
  type EvidenceWorld,
} from './evidence-world.ts';
import { forge, type Change } from './forge.ts';
import { entriesFrom, snapshot } from './oracle.ts';
import { closeConnections, send, type Answer } from './send.ts';
import { wireBetween, type WireWorld } from './wire-world.ts';

/** One question about something that is not there, and others about what is there for somebody else. */
interface Hiding {
  readonly name: string;
  readonly from: EvidenceMember;
  readonly nothing: Change;
  readonly hidden: Readonly<Record<string, Change>>;
}

export function describeUnseen(world: () => EvidenceWorld): void {
  describe('what one may not see', () => {
    const wires = new Map<EvidenceMember, WireWorld>();
    const known: Record<string, string> = {};
    let cases: readonly Hiding[];

    before(async () => {
      const { founded, time, gateways } = world();
      for (const member of ['bank-a', 'police-p'] as const) {
        const parts = { sender: gateways[member], receiver: gateways['regulator-r'], ca: founded.ca, time };
        wires.set(member, await wireBetween(parts));
      }
      await prepare();
      cases = casesOf();
    });
    after(async () => {
      for (const wire of wires.values()) {
        closeConnections(wire);
        await wire.close();
      }
    });

    /** A packet for the police, a message of the police, one of the bank that was refused, one that is not durable. */
    async function prepare(): Promise<void> {
      const { evidence, database, delivery } = world().gateways['regulator-r'];
      const { packetId, bundle } = await signedPacket(world());
      await transferPacket(evidence, { packetId, actor: ACTOR });
      await delivery.idle();
      const { transfers } = await packetRecord(evidence, packetId);
      Object.assign(known, { packetId, sha256: bundle!.sha256, transfer: transfers![0]!.id });
      const police = world().gateways['police-p'];
      const value = `${newId()}.example`;
      const shared = {
        group: FEATURE_GROUP,
        purpose: 'RISK_PREVENTION',
        legalBasis: ['PIPL-13'],
        actor: ACTOR,
      };
      await pushFeatures(police.features, { ...shared, lines: [{ type: 'domain', value }] });
      await police.delivery.idle();
      const ofPolice = (await listDeliveries(police.database, { limit: 10 })).find(
        ({ recipient, state }) => recipient === 'regulator-r' && state === 'acked',
      )!;
      const refused = await forge(wires.get('bank-a')!, { content: { purpose: 'MARKETING' } });
      await send(wires.get('bank-a')!, refused);
      const volatile = newId();
      await database.query(
        `INSERT INTO inbox (issuer, mid, kind, body_sha256, envelope, token, grant_id, received_at, ledger_key)
         VALUES ('bank-a', $1, 'feature-batch', $2, '{}', 't', 'g-push', now(), $2)`,
        [volatile, randomBytes(32)],
      );
      Object.assign(known, { ofPolice: ofPolice.mid, refused: refused.mid, volatile });
    }

    function casesOf(): readonly Hiding[] {
      const { transfer = '', sha256 = '', ofPolice = '', refused = '', volatile = '' } = known;
      const inGroup = { group: TRANSFER_GROUP, purpose: 'CRIMINAL_TRANSFER' };
      const part = (asked: object, content: Readonly<Record<string, unknown>> = inGroup): Change => ({
        path: '/x/v1/parts',
        body: JSON.stringify({ transfer, sha256, n: 0, ...asked }),
        content,
      });
      const status = (id: string): Change => ({ path: '/x/v1/status', body: JSON.stringify({ ids: [id] }) });
      const message = (mid: string): Change => ledgerRead(`/ledger/messages/${mid}`);
      const inside = (group: string): Change => ({ content: { group } });
      return [
        {
          name: 'parts, to a member they were not offered to',
          from: 'bank-a',
          nothing: part({ transfer: newId() }),
          hidden: {
            'another member’s': part({}),
            'another member’s, wrong digest': part({ sha256: 'cd'.repeat(32) }),
          },
        },
        {
          name: 'parts, to the member they were offered to',
          from: 'police-p',
          nothing: part({ transfer: newId() }),
          hidden: {
            'another bundle': part({ sha256: 'cd'.repeat(32) }),
            'a part beyond the last': part({ n: 9 }),
            'another purpose': part({}, { ...inGroup, purpose: 'CURIOSITY' }),
            'another group': part({}, { ...inGroup, group: EVIDENCE_GROUP }),
          },
        },
        {
          name: 'the status of a message',
          from: 'bank-a',
          nothing: status(newId()),
          hidden: {
            'another member’s': status(ofPolice),
            refused: status(refused),
            'not durable': status(volatile),
          },
        },
        {
          name: 'the ledger entries of a message',
          from: 'bank-a',
          nothing: message(newId()),
          hidden: { 'another member’s': message(ofPolice), 'not durable': message(volatile) },
        },
        {
          name: 'entry bundles, without a grant to audit',
          from: 'bank-a',
          nothing: ledgerRead('/ledger/tile/entries/999'),
          hidden: { there: ledgerRead('/ledger/tile/entries/000.p/1') },
        },
        {
          name: 'groups',
          from: 'bank-a',
          nothing: inside('no-such-group'),
          hidden: { 'of others': inside(TRANSFER_GROUP), 'the receiver is not in': inside(EVIDENCE_GROUP) },
        },
      ];
    }

    for (const at of [0, 1, 2, 3, 4, 5]) {
      it(`answers like what does not exist (${NAMES[at]})`, async () => {
        const { from, name, nothing, hidden } = cases[at]!;
        assert.equal(name, NAMES[at]);
        const wire = wires.get(from)!;
        const expected = await seen(wire, nothing);
        for (const [what, change] of Object.entries(hidden)) {
          assert.deepEqual(await seen(wire, change), expected, what);
        }
        wire.nextMinute();
      });
    }

    it('takes as long to refuse, to the order of magnitude', async () => {
      const { from, nothing, hidden } = cases[0]!;
      const wire = wires.get(from)!;
      const median = async (change: Change): Promise<number> => {
        const times: number[] = [];
        for (let round = 0; round < 9; round += 1) {
          const forged = await forge(wire, change);
          const start = performance.now();
          await send(wire, forged);
          times.push(performance.now() - start);
        }
        return times.sort((a, b) => a - b)[4]!;
      };
      const [none, there] = [await median(nothing), await median(Object.values(hidden)[0]!)];
      assert.ok(there / none < 10 && none / there < 10, `${none} ms against ${there} ms`);
    });

    it('tells a group that is not shown from none in no refusal but one that is not granted', async () => {
      const wire = wires.get('bank-a')!;
      const shared = await seen(wire, { content: { group: AUDIT_GROUP } });
      assert.notDeepEqual(shared, await seen(wire, { content: { group: TRANSFER_GROUP } }));
    });

    it('is not told to a token of another member’s issuer either, nor to one without the scope', async () => {
      const paths = (id: string) => [`/v1/packets/${id}/transfers`, `/v1/evidence-requests/${id}/releases`];
      const [there, nowhere] = [paths(known['packetId']!), paths(newId())];
      const tokens = {
        foreign: await bearer(world(), 'bank-a', ['transfer:act', 'evidence:release']),
        scopeless: await bearer(world(), 'regulator-r', ['screen']),
      };
      for (const [what, token] of Object.entries(tokens)) {
        for (const [at, path] of there.entries()) {
          const [one, other] = [await asked(path, token), await asked(nowhere[at]!, token)];
          assert.deepEqual(one, other, `${what} ${path}`);
          assert.equal(one.status, what === 'foreign' ? 401 : 403);
        }
      }
    });

    async function asked(path: string, token: string) {
      const response = await post(world(), 'regulator-r', path, { body: '{}', token });
      const problem = (await response.json()) as Record<string, unknown>;
      return { status: response.status, names: [...response.headers.keys()].sort(), ...without(problem) };
    }
  });
}

const NAMES = [
  'parts, to a member they were not offered to',
  'parts, to the member they were offered to',
  'the status of a message',
  'the ledger entries of a message',
  'entry bundles, without a grant to audit',
  'groups',
];

function ledgerRead(path: string): Change {
  return { method: 'GET', path, headers: ([host]) => [host!], wire: Buffer.alloc(0) };
}

/** All that the caller can tell an answer by, and what it finds of the question in the other ledger. */
async function seen(wire: WireWorld, change: Change) {
  const before = await snapshot(wire.receiver);
  const answer = await send(wire, await forge(wire, change));
  const entries = await entriesFrom(wire.receiver, before.ledgerSize);
  const token = answer.headers['exchange-token'];
  const claims = token === undefined ? undefined : readToken(String(token), 'lzx-res+jwt').claims;
  return {
    status: answer.status,
    headers: Object.keys(answer.headers).sort(),
    fixed: [
      answer.headers['content-type'],
      answer.headers['cache-control'],
      answer.headers['content-length'],
    ],
    body: bodyOf(answer),
    claims: claims === undefined ? undefined : Object.keys(claims as object).sort(),
    receipt: (claims as { rcpt?: unknown } | undefined)?.rcpt !== null,
    entries: entries.map(({ kind, code, peer, count }) => ({ kind, code, peer, count })),
  };
}

/** Without the ids that differ from question to question. */
function bodyOf({ body }: Answer): unknown {
  if (body.length === 0) return '';
  const value = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  if (!Array.isArray(value['results'])) return without(value);
  return { results: (value['results'] as object[]).map((result) => ({ ...result, id: 'asked' })) };
}

function without(problem: Record<string, unknown>): Record<string, unknown> {
  return { ...problem, correlationId: typeof problem['correlationId'] };
}
