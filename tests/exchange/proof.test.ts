import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programSchemas } from '../../src/config.ts';
import { canonicalBytes, canonicalJson, type JsonObject } from '../../src/core/canonical.ts';
import { sha256Hex } from '../../src/core/digest.ts';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { signRegistry } from '../../src/federation/registry/registry-document.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import type { LedgerProof, LoggedPart } from '../../src/federation/proofs/proof-form.ts';
import { verifyLedgerProof, type ProofReport } from '../../src/federation/proofs/verify-proof.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { ledgerProof } from '../../src/gateway/ledger/ledger-proof.ts';
import { checkpointText } from '../../src/ledger/notes/checkpoint.ts';
import { readLedgerKey, signNote } from '../../src/ledger/notes/note.ts';
import { writeProof } from '../../src/ledger/notes/tlog-proof.ts';
import { leafHash, nodeHash } from '../../src/ledger/tree/merkle.ts';
import { generateSealKey } from '../../src/wire/jws.ts';
import { run } from '../cli/console.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';

const schemas = programSchemas();
const PHONE = '13900000001';

describe('proof files of real exchanges', function () {
  this.timeout(60_000);
  let alliance: TestAlliance;
  let bank: Gateway;
  let insurer: Gateway;
  /** Ids of two messages and of one with a personal value. */
  let mids: readonly [string, string, string];

  before(async () => {
    alliance = await openTestAlliance({ members: ['bank-a', 'insurer-b'] });
    [bank, insurer] = [alliance.gateway('bank-a'), alliance.gateway('insurer-b')];
    const first = await push({ type: 'domain', value: 'one.example' });
    const second = await push({ type: 'domain', value: 'two.example' });
    mids = [first, second, await push({ type: 'phone', value: PHONE })];
    await bank.delivery.idle();
  });
  after(() => alliance.close());

  async function push(feature: { readonly type: string; readonly value: string }): Promise<string> {
    const sharing = { group: FEATURE_GROUP, purpose: 'RISK_PREVENTION', legalBasis: ['PIPL-13'] };
    const report = await pushFeatures(bank.features, {
      ...sharing,
      actor: 'tester',
      lines: [{ ...feature, confidence: 95 }],
    });
    assert.equal(report.accepted, 1, JSON.stringify(report));
    return (await listDeliveries(bank.database))[0]!.mid;
  }
  const fileOf = (gateway: Gateway, id: string, envelope = true): Promise<Buffer> =>
    ledgerProof(gateway, id, { envelope });
  const parse = (file: Buffer): LedgerProof => JSON.parse(file.toString()) as LedgerProof;
  /** What a stranger has: the name of the alliance and its operators' keys. */
  const judge = (file: Uint8Array): Promise<ProofReport> => {
    const { alliance: name, operators } = alliance.founded.anchors;
    return verifyLedgerProof(file, { anchors: { alliance: name, operators }, schemas });
  };
  const failed = async (proof: LedgerProof | JsonObject): Promise<readonly string[]> => {
    const { ok, checks, facts, proves } = await judge(canonicalBytes(proof));
    if (!ok) assert.deepEqual([facts, proves], [[], []]);
    return checks.filter((check) => !check.ok).map(({ code }) => code);
  };
  const valid = async (file: Buffer): Promise<ProofReport> => {
    const report = await judge(file);
    assert.ok(report.ok, JSON.stringify(report.checks));
    return report;
  };

  it('shows offer, acceptance and closing to whoever has the operators’ keys', async () => {
    const report = await valid(await fileOf(bank, mids[0]));
    assert.deepEqual(report.proves, [
      'offer logged by bank-a: message.offered',
      'acceptance logged by insurer-b: message.accepted',
      'closing logged by bank-a: message.acknowledged',
      'answer signed by insurer-b',
      'envelope signed by bank-a',
    ]);
    const [offer, acceptance, closing] = report.facts;
    assert.deepEqual(acceptance?.counter, refOf(offer));
    assert.deepEqual(closing?.counter, refOf(acceptance));
    assert.deepEqual(new Set(report.facts.map(({ mid }) => mid)), new Set([mids[0]]));
  });

  function refOf(fact: ProofReport['facts'][number] | undefined) {
    const { origin, index, leaf, size, root } = fact!;
    return { index, leaf, origin, root, size };
  }

  it('shows the receiver’s acceptance and the offer that the sender signed', async () => {
    const report = await valid(await fileOf(insurer, mids[0]));
    assert.deepEqual(report.proves, [
      'acceptance logged by insurer-b: message.accepted',
      'request signed by bank-a',
      'envelope signed by bank-a',
    ]);
    const offer = (await valid(await fileOf(bank, mids[0]))).facts[0];
    assert.deepEqual(report.facts[0]?.counter, refOf(offer));
  });

  it('holds no personal value and no digest that could be guessed from one', async () => {
    const [sent, received] = [await fileOf(bank, mids[2]), await fileOf(insurer, mids[2])];
    assert.deepEqual((await valid(sent)).proves.slice(3), ['envelope signed by bank-a']);
    assert.deepEqual((await valid(received)).proves, ['acceptance logged by insurer-b: message.accepted']);
    const { rows } = await insurer.database.query<{ digest: string }>(
      `SELECT encode(body_sha256, 'hex') AS digest FROM inbox WHERE mid = $1`,
      [mids[2]],
    );
    for (const secret of [PHONE, sha256Hex(PHONE), rows[0]!.digest])
      assert.ok(!`${sent.toString()}${received.toString()}`.includes(secret), secret);
  });

  it('is the same file by the id of the message and by the index of any of its entries', async () => {
    const file = await fileOf(bank, mids[0], false);
    const { facts } = await valid(file);
    for (const { part, index } of facts) {
      const [gateway, whole] =
        part === 'acceptance' ? [insurer, await fileOf(insurer, mids[0], false)] : [bank, file];
      assert.ok((await fileOf(gateway, String(index), false)).equals(whole), part);
    }
    const alone = await valid(await fileOf(bank, '0'));
    assert.deepEqual(alone.proves, ['entry logged by bank-a: registry.adopted']);
  });

  it('leaves the envelope out unless it is asked for', async () => {
    const bare = parse(await fileOf(bank, mids[0], false));
    assert.equal(bare.envelope, undefined);
    assert.deepEqual(await failed(bare as never), []);
  });

  it('refuses every part of another message', async () => {
    const [one, two] = [parse(await fileOf(bank, mids[0])), parse(await fileOf(bank, mids[1]))];
    for (const name of ['offer', 'acceptance', 'closing', 'answer', 'envelope'] as const)
      assert.notDeepEqual(await failed({ ...one, [name]: two[name] }), [], name);
    const [in1, in2] = [parse(await fileOf(insurer, mids[0])), parse(await fileOf(insurer, mids[1]))];
    for (const name of ['acceptance', 'request', 'envelope'] as const)
      assert.notDeepEqual(await failed({ ...in1, [name]: in2[name] }), [], name);
    const swapped = { ...one, acceptance: two.acceptance, closing: two.closing, answer: two.answer };
    assert.deepEqual((await failed(swapped as LedgerProof)).slice(0, 1), ['exchange']);
    const mixed = { ...one, offer: { entry: one.offer!.entry, proof: two.offer!.proof } };
    assert.deepEqual(await failed(mixed), ['offer']);
    assert.deepEqual(await failed({ ...one, closing: one.offer! }), ['closing']);
  });

  it('refuses a claim to show more than it shows, and lets parts be left out', async () => {
    const whole = parse(await fileOf(bank, mids[0]));
    const { answer, envelope, ...rest } = whole;
    assert.ok(answer !== undefined && envelope !== undefined);
    assert.deepEqual(await failed(rest as never), ['proves']);
    const less = { ...rest, proves: rest.proves.slice(0, 3) };
    assert.deepEqual(await failed(less as never), []);
    const { acceptance, ...twoEntries } = less;
    assert.ok(acceptance !== undefined);
    const named = { ...twoEntries, proves: [less.proves[0]!, less.proves[2]!] };
    assert.deepEqual(await failed(named as never), []);
    assert.deepEqual(await failed({ ...less, proves: [...less.proves, 'answer signed by insurer-b'] }), [
      'proves',
    ]);
  });

  it('refuses other spellings and unknown members', async () => {
    const file = await fileOf(bank, mids[0]);
    const proof = parse(file);
    for (const text of [`${file.toString()}\n`, JSON.stringify(proof, null, 2), '{}', '', 'PK'])
      assert.deepEqual(
        (await judge(Buffer.from(text))).checks.map(({ code }) => code),
        ['form'],
        text.slice(0, 9),
      );
    assert.deepEqual(await failed({ ...proof, remark: 'true' }), ['form']);
    assert.deepEqual(await failed({ ...proof, entry: proof.offer } as never), ['form']);
  });

  it('lets witnesses add lines to a checkpoint, and says that it has not verified them', async () => {
    const proof = parse(await fileOf(bank, mids[0]));
    const line = `— witness.example/w ${Buffer.alloc(76, 7).toString('base64')}\n`;
    const offer = { ...proof.offer!, proof: proof.offer!.proof + line };
    const report = await judge(canonicalBytes({ ...proof, offer }));
    assert.ok(report.ok, JSON.stringify(report.checks));
    const note = report.checks.find(({ code }) => code === 'cosignatures');
    assert.match(note?.message ?? '', /^offer: 1 more lines, not verified: witness\.example\/w\+07070707$/);
  });

  it('is refused under other operators, and cannot be judged for another alliance', async () => {
    const file = await fileOf(bank, mids[0]);
    const { publicJwk, kid } = await generateSealKey();
    const keys = [{ ...publicJwk, kid, alg: 'Ed25519' as const }];
    const { alliance: name, operators } = alliance.founded.anchors;
    const strange = await verifyLedgerProof(file, {
      anchors: { alliance: name, operators: { threshold: 1, keys } },
      schemas,
    });
    assert.deepEqual(
      strange.checks.filter(({ ok }) => !ok).map(({ code }) => code),
      ['registries'],
    );
    const other = await verifyLedgerProof(file, { anchors: { alliance: 'elsewhere', operators }, schemas });
    assert.deepEqual([other.ok, other.checked], [false, false]);
  });

  it('is refused when the anchors hold another registry under one of its serials', async () => {
    const file = await fileOf(bank, mids[0]);
    const { anchors, registry, operatorKeys } = alliance.founded;
    const known = await verifyLedgerProof(file, { anchors, schemas });
    assert.ok(known.ok);
    const body = { ...registry.body, issuedAt: new Date(Date.now() - 1000).toISOString() };
    const registries = [await signRegistry(body, operatorKeys.slice(0, 2))];
    const forked = await verifyLedgerProof(file, { anchors: { ...anchors, registries }, schemas });
    assert.match(forked.checks.at(-1)?.message ?? '', /another registry 1/);
    assert.equal(forked.ok, false);
  });

  describe('of members that lie in their own logs, properly signed', () => {
    type Change = (
      entry: JsonObject & { readonly counter?: JsonObject; readonly pair?: JsonObject },
    ) => JsonObject;

    /** The entry with a change, at place 63 of a log of 64 that the member's real key signs. */
    function relogged({ entry }: LoggedPart, { config }: Gateway, change: Change): LoggedPart {
      const key = readLedgerKey(readFileSync(config.keys.ledger, 'utf8'));
      const fields = JSON.parse(entry) as JsonObject;
      const text = canonicalJson({ ...fields, seq: 63, ...change(fields) });
      const hashes = Array.from({ length: 6 }, () => randomBytes(32));
      const root = hashes.reduce((right, left) => nodeHash(left, right), leafHash(text));
      const checkpoint = signNote(checkpointText({ origin: key.name, size: 64, root }), key);
      return { entry: text, proof: writeProof({ index: 63, hashes, checkpoint }) };
    }
    const whole = async () => parse(await fileOf(bank, mids[0], false));

    it('takes the entry as it is from any place of the log', async () => {
      const { closing, answer, ...rest } = await whole();
      assert.ok(closing !== undefined && answer !== undefined);
      const acceptance = relogged(rest.acceptance!, insurer, () => ({}));
      assert.deepEqual(await failed({ ...rest, acceptance, proves: rest.proves.slice(0, 2) }), []);
    });

    const bends: Readonly<Record<string, readonly [Change, string]>> = {
      'another origin': [({ counter }) => ({ counter: { ...counter, origin: 'x' } }), 'counter.acceptance'],
      'another index': [({ counter }) => ({ counter: { ...counter, index: 9 } }), 'counter.acceptance'],
      'another leaf': [
        ({ counter }) => ({ counter: { ...counter, leaf: 'a'.repeat(64) } }),
        'counter.acceptance',
      ],
      'another size': [({ counter }) => ({ counter: { ...counter, size: 9 } }), 'counter.acceptance'],
      'another root': [
        ({ counter }) => ({ counter: { ...counter, root: 'a'.repeat(64) } }),
        'counter.acceptance',
      ],
      'another mid': [() => ({ mid: '01987f2e-7c1a-7000-8000-000000000001' }), 'exchange'],
      'another group': [() => ({ group: 'x' }), 'exchange'],
      'another purpose': [() => ({ purpose: 'x' }), 'exchange'],
      'another peer': [
        ({ pair }) => ({ peer: 'insurer-b', pair: { ...pair, peer: 'insurer-b' } }),
        'exchange',
      ],
      'a time long before the offer': [() => ({ at: '2026-01-01T00:00:00.000Z' }), 'times'],
      'another kind': [() => ({ kind: 'message.offered' }), 'acceptance'],
      'another direction': [({ pair }) => ({ pair: { ...pair, dir: 'out' } }), 'acceptance'],
      'a pair with someone else': [({ pair }) => ({ pair: { ...pair, peer: 'other' } }), 'acceptance'],
      'another member': [() => ({ member: 'bank-a' }), 'acceptance'],
      'another place than its own': [() => ({ seq: 62 }), 'acceptance'],
      'a registry that is not there': [
        () => ({ registry: { serial: 2, sha256: 'a'.repeat(64) } }),
        'acceptance',
      ],
      'another digest of the registry': [
        () => ({ registry: { serial: 1, sha256: 'a'.repeat(64) } }),
        'acceptance',
      ],
    };
    for (const [what, [change, code]] of Object.entries(bends)) {
      it(`refuses an acceptance with ${what}`, async () => {
        const { closing, answer, ...rest } = await whole();
        assert.ok(closing !== undefined && answer !== undefined);
        const acceptance = relogged(rest.acceptance!, insurer, change);
        const codes = await failed({ ...rest, acceptance, proves: rest.proves.slice(0, 2) });
        assert.deepEqual(codes, [code]);
      });
    }

    it('refuses a closing that names another acceptance, another subject, or answers with something else', async () => {
      const { answer, ...rest } = await whole();
      assert.ok(answer !== undefined);
      const bent = async (change: Change): Promise<readonly string[]> => {
        const closing = relogged(rest.closing!, bank, change);
        return failed({ ...rest, closing, proves: rest.proves.slice(0, 3) });
      };
      assert.deepEqual(await bent(() => ({})), []);
      assert.deepEqual(await bent(({ counter }) => ({ counter: { ...counter, root: 'a'.repeat(64) } })), [
        'counter.closing',
      ]);
      assert.deepEqual(await bent(() => ({ subject: { type: 'feature-batch', id: 'x' } })), ['exchange']);
      assert.deepEqual(await bent(({ pair }) => ({ pair: { ...pair, n: 0 } })), ['order']);
      const refused = await bent(() => ({ kind: 'message.refused-by-peer', code: 'grant.refused' }));
      assert.deepEqual(refused.slice(0, 1), ['counter.closing']);
    });

    it('refuses an answer or a request that the closing or the acceptance does not carry', async () => {
      const sent = await whole();
      const closing = relogged(sent.closing!, bank, () => ({ token: 'a'.repeat(64) }));
      assert.deepEqual(await failed({ ...sent, closing }), ['answer']);
      const received = parse(await fileOf(insurer, mids[0], false));
      for (const change of [
        () => ({ token: 'a'.repeat(64) }),
        ({ counter }) => ({ counter: { ...counter, root: 'a'.repeat(64) } }),
        ({ counter }) => ({ counter: { ...counter, index: 9 } }),
        () => ({ group: 'x' }),
      ] as readonly Change[]) {
        const acceptance = relogged(received.acceptance!, insurer, change);
        assert.deepEqual(await failed({ ...received, acceptance }), ['request']);
      }
    });
  });

  /** All of them with LIANZHENG_ALL_BITS=1 (about two minutes); otherwise each run takes other ones. */
  it('shows nothing else when any one bit is flipped', async function () {
    const every = process.env['LIANZHENG_ALL_BITS'] === '1' ? 1 : 31;
    this.timeout(every === 1 ? 600_000 : 60_000);
    for (const file of [await fileOf(bank, mids[0]), await fileOf(insurer, mids[0])]) {
      for (let bit = Date.now() % every; bit < file.length * 8; bit += every) {
        const bent = Buffer.from(file);
        bent[bit >> 3]! ^= 1 << (bit & 7);
        const report = await judge(bent);
        assert.ok(!report.ok, `bit ${bit & 7} of byte ${bit >> 3}: ${JSON.stringify(report.proves)}`);
      }
    }
  });

  describe('through the command line', () => {
    const at = (name: string): string => join(alliance.directory, name);
    const anchors = (): string => alliance.founded.anchorsPath;

    async function access(scope: string): Promise<Record<string, string>> {
      const { directory, configPath } = alliance.founded.members[0]!;
      const key = join(directory, 'issuer.jwk');
      const order = [
        '--key',
        key,
        '--config',
        configPath,
        '--subject',
        'clerk-1',
        '--scope',
        scope,
        '--json',
      ];
      return { LIANZHENG_URL: bank.memberUrl, LIANZHENG_TOKEN: (await run(['token', ...order])).json.token };
    }
    const verify = (file: string, trust = anchors()) =>
      run(['ledger', 'verify-proof', file, '--anchors', trust, '--json']);

    it('is written, verifies, and names each check', async () => {
      const asAuditor = await access('audit:read');
      const done = await run(
        ['ledger', 'proof', mids[0], '--out', at('p.json'), '--envelope', '--json'],
        asAuditor,
      );
      assert.equal(done.code, 0, done.err);
      assert.ok(readFileSync(at('p.json')).equals(await fileOf(bank, mids[0])));
      const verified = await verify(at('p.json'));
      assert.equal(verified.code, 0, verified.out);
      assert.deepEqual(verified.json.proves, done.json.proves);
      const shown = await run(['ledger', 'verify-proof', at('p.json'), '--anchors', anchors()]);
      for (const code of [
        'registries',
        'offer',
        'acceptance',
        'closing',
        'counter.acceptance',
        'counter.closing',
        'answer',
      ])
        assert.match(shown.out, new RegExp(`^ok {4}${code.replace('.', '\\.')} `, 'm'));
      assert.match(shown.out, /\nvalid: offer logged by bank-a/);
      const again = await run(['ledger', 'proof', mids[0], '--out', at('p.json')], asAuditor);
      assert.equal(again.code, 2, 'never overwrites');
    });

    it('ends with 1 for a false file, with 2 where nothing can be said', async () => {
      const file = readFileSync(at('p.json'));
      file[file.length >> 1]! ^= 1;
      writeFileSync(at('bent.json'), file);
      assert.equal((await verify(at('bent.json'))).code, 1);
      assert.equal((await verify(at('missing.json'))).code, 2);
      writeFileSync(at('no-anchors.json'), '{"alliance":"x"}');
      assert.equal((await verify(at('p.json'), at('no-anchors.json'))).code, 2);
      const elsewhere = { ...alliance.founded.anchors, alliance: 'elsewhere' };
      writeFileSync(at('elsewhere.json'), JSON.stringify(elsewhere));
      assert.equal((await verify(at('p.json'), at('elsewhere.json'))).code, 2);
    });

    it('refuses an unknown id with 404, and whoever may not read the ledger', async () => {
      const unknown = '01987f2e-7c1a-7000-8000-000000000001';
      for (const id of [unknown, '999999']) {
        const refused = await run(
          ['ledger', 'proof', id, '--out', at('none.json'), '--json'],
          await access('audit:read'),
        );
        assert.deepEqual([refused.code, refused.json.error.code], [1, 'http.not-found']);
      }
      const token = await access('screen');
      const refused = await run(['ledger', 'proof', mids[0], '--out', at('none.json'), '--json'], token);
      assert.deepEqual([refused.code, refused.json.error.code], [1, 'auth.scope-missing']);
      assert.ok(!existsSync(at('none.json')));
    });
  });

  describe('when the receiver does not answer', () => {
    it('shows the offer alone as long as nobody has answered', async () => {
      await insurer.close();
      const mid = await push({ type: 'domain', value: 'three.example' });
      const report = await valid(await fileOf(bank, mid));
      assert.deepEqual(report.proves, [
        'offer logged by bank-a: message.offered',
        'envelope signed by bank-a',
      ]);
    });
  });
});
