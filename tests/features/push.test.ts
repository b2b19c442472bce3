import assert from 'node:assert/strict';
import { newId } from '../../src/core/ids.ts';
import { commitmentRoot } from '../../src/features/commitments.ts';
import { disclosedOf } from '../../src/features/disclosures-store.ts';
import { countFeatures, listFeatures } from '../../src/features/list.ts';
import { pushFeatures, type PushRequest } from '../../src/features/push.ts';
import { openEnvelope } from '../../src/wire/envelope.ts';
import { COMMERCE, createGateways, INDUSTRY, SHARING, withRegistry, type Gateway } from './gateways.ts';

const ID_CARD = '999999199001010016';
const PHONE = '+8615400000001';

async function* lines(...texts: readonly string[]): AsyncGenerator<string> {
  for (const text of texts) yield text;
}

function feature(type: string, value: string, more: object = {}): string {
  return JSON.stringify({ type, value, ...more });
}

function domains(count: number, tag: string): string[] {
  return Array.from({ length: count }, (_, n) => feature('domain', `${tag}-${n}.example.com`));
}

describe('pushing features', () => {
  let bank: Gateway;
  const push = (texts: readonly string[], more: Partial<PushRequest> = {}) =>
    pushFeatures(bank.deps, { ...SHARING, lines: lines(...texts), ...more });
  const stored = async () => countFeatures(bank.deps, INDUSTRY);

  before(async () => {
    [bank] = (await createGateways(1)) as [Gateway];
  });
  after(() => bank.close());

  it('stores, signs, logs and lists what was pushed, in order', async () => {
    const report = await push([
      feature('domain', 'Loan-Fast.Example.com', { confidence: 80, context: { chain: 'info' } }),
      '',
      feature('uscc', '91999999MA0TE9T0AN', { source: 'case 5' }),
    ]);
    assert.equal(report.accepted, 2);
    assert.equal(report.batches, 1);
    assert.deepEqual(report.refused, []);
    const { features } = await listFeatures(bank.deps, { group: INDUSTRY, limit: 10 });
    assert.deepEqual(
      features.map(({ type, value, member, confidence }) => ({ type, value, member, confidence })),
      [
        { type: 'domain', value: 'loan-fast.example.com', member: 'bank-a', confidence: 80 },
        { type: 'uscc', value: '91999999MA0TE9T0AN', member: 'bank-a', confidence: 50 },
      ],
    );
    assert.deepEqual(features[0]?.context, { chain: 'info' });
    assert.equal(features[1]?.source, 'case 5');
  });

  it('writes one ledger entry for each batch with the digest of the signed payload', async () => {
    const report = await push([feature('domain', 'entry.example.com')]);
    const receipt = report.receipts[0]!;
    const { rows } = await bank.deps.database.query<{ body: string }>(
      'SELECT body FROM ledger_entry WHERE seq = $1',
      [receipt.index],
    );
    const entry = JSON.parse(rows[0]!.body);
    assert.equal(entry.kind, 'features.pushed');
    assert.equal(entry.grant, 'g-industry');
    assert.equal(entry.actor, 'officer-1');
    assert.match(entry.subject.sha256, /^[0-9a-f]{64}$/);
    assert.equal(entry.subject.id, bank.sent.at(-1)!.content.id);
  });

  it('keeps personal values out of signed bytes and ledger', async () => {
    const report = await push([feature('phone', '154 0000 0001'), feature('id-card', ID_CARD)]);
    const { content, sealed } = bank.sent.at(-1)!;
    const payload = Buffer.from(sealed.payload, 'base64url').toString();
    assert.ok(!payload.includes('0000001') && !payload.includes(ID_CARD));

    const { disclosures } = await disclosedOf(bank.deps.database, 'bank-a', content.id);
    assert.deepEqual(
      disclosures.map(({ value }) => value),
      [PHONE, ID_CARD],
    );
    const { rows } = await bank.deps.database.query<{ body: string }>(
      'SELECT body FROM ledger_entry WHERE seq >= $1',
      [report.receipts[0]!.index],
    );
    const all = rows.map((row) => row.body).join();
    assert.ok(!all.includes(PHONE) && !all.includes(ID_CARD));
    const entry = JSON.parse(rows[0]!.body);
    const commitments = (content.body['features'] as { commitment: string }[]).map((one) => one.commitment);
    assert.deepEqual(entry.commitments, commitmentRoot(commitments));
    assert.equal(entry.subject.sha256, undefined);
  });

  it('makes an envelope that the registered key opens', async () => {
    await push([feature('domain', 'opens.example.com')]);
    const { content } = await openEnvelope(bank.sent.at(-1)!.sealed, (issuer, kid) =>
      bank.settings.view.sealKey(issuer, kid),
    );
    assert.equal(content.kind, 'feature-batch');
    assert.deepEqual(bank.sent.at(-1)!.recipients, ['insurer-b', 'bank-c']);
  });

  it('refuses bad lines with number, code and reason, and lets the rest through', async () => {
    const report = await push([
      feature('domain', 'good-1.example.com'),
      '{"type":"domain","value":"twice.example.com","value":"twice.example.com"}',
      feature('id-card', '999999199001010017'),
      feature('shoe-size', '42'),
      feature('domain', 'wechat.com', { confidence: 101 }),
      feature('domain', 'baidu.com'),
      feature('domain', 'grade.example.com', { grade: 5 }),
      feature('domain', 'late.example.com', { lastSeen: '2999-01-01T00:00:00Z' }),
      feature('domain', 'good-2.example.com'),
      `"${'x'.repeat(70_000)}"`,
    ]);
    assert.equal(report.accepted, 2);
    assert.deepEqual(
      report.refused.map(({ line, code }) => [line, code]),
      [
        [2, 'json.duplicate-key'],
        [3, 'feature.invalid'],
        [4, 'feature.type-unknown'],
        [5, 'schema.invalid'],
        [6, 'feature.invalid'],
        [7, 'grant.refused'],
        [8, 'feature.invalid'],
        [10, 'feature.invalid'],
      ],
    );
    assert.ok(report.refused.every(({ message }) => message.length > 0 && !message.includes('19900101001')));
  });

  it('stores nothing of an atomic push with one bad line', async () => {
    const before = await stored();
    const entries = await bank.deps.database.query('SELECT FROM ledger_entry');
    await assert.rejects(
      push([...domains(2100, 'atomic-bad'), feature('ip', '999.1.1.1')], { atomic: true }),
      (error: { code: string; facts: { refused: { line: number }[] } }) => {
        assert.equal(error.code, 'feature.invalid');
        assert.equal(error.facts.refused[0]?.line, 2101);
        return true;
      },
    );
    assert.deepEqual(await stored(), before);
    assert.equal((await bank.deps.database.query('SELECT FROM ledger_entry')).rowCount, entries.rowCount);
  });

  it('stores all of a good atomic push', async () => {
    const report = await push([...domains(2100, 'atomic-good'), feature('phone', '15400000002')], {
      atomic: true,
    });
    assert.equal(report.accepted, 2101);
    assert.equal(report.batches, 3);
    assert.equal(report.receipts.length, 3);
  });

  it('counts a known value as a sighting, in one push or in another', async () => {
    const before = await stored();
    const first = await push([
      feature('url', 'http://same.example.com'),
      feature('url', 'http://same.example.com/'),
    ]);
    assert.deepEqual([first.accepted, first.duplicates], [1, 1]);
    const again = await push([feature('url', 'HTTP://SAME.example.com:80/')]);
    assert.deepEqual([again.accepted, again.duplicates], [0, 1]);
    const now = await stored();
    assert.deepEqual([now.features - before.features, now.sightings - before.sightings], [1, 2]);
  });

  it('does not deadlock when pushes with the same values meet', async () => {
    const texts = domains(1500, 'meet');
    const reports = await Promise.all([push(texts), push(texts.toReversed()), push(texts)]);
    assert.equal(
      reports.reduce((sum, report) => sum + report.accepted, 0),
      1500,
    );
    assert.equal(
      reports.reduce((sum, report) => sum + report.duplicates, 0),
      3000,
    );
  });

  it('cuts batches by bytes too, so that every message stays below 1 MiB', async () => {
    const long = { counterIndications: '说'.repeat(600) };
    await push(Array.from({ length: 900 }, (_, n) => feature('domain', `long-${n}.example.com`, long)));
    const batches = bank.sent.slice(-3);
    const sizes = batches.map((batch) => Buffer.byteLength(JSON.stringify(batch.sealed)));
    assert.ok(
      sizes.every((size) => size < 1024 * 1024 - 16 * 1024),
      String(sizes),
    );
    assert.equal(
      batches.reduce((sum, batch) => sum + (batch.content.body['features'] as []).length, 0),
      900,
    );
  });

  it('refuses personal types in an ALLIANCE group, line by line', async () => {
    const report = await push([feature('domain', 'commerce.example.com'), feature('phone', PHONE)], {
      group: COMMERCE,
    });
    assert.equal(report.accepted, 1);
    assert.deepEqual(
      report.refused.map(({ line, code }) => [line, code]),
      [[2, 'grant.personal-in-alliance']],
    );
  });

  it('asks the grant before it reads a line', async () => {
    async function* unread(): AsyncGenerator<string> {
      yield await Promise.reject(new Error('was read'));
    }
    for (const wrong of [{ group: 'no-such' }, { purpose: 'MARKETING' }, { legalBasis: [] }]) {
      await assert.rejects(push([], { ...wrong, lines: unread() }), { code: 'grant.refused' });
    }
  });

  it('takes no more batches once a registry withdraws the grant', async () => {
    const view = bank.settings.view;
    async function* withdrawn(): AsyncGenerator<string> {
      yield* lines(...domains(1000, 'withdrawn'));
      bank.settings.view = withRegistry(view, { grants: [] });
      yield* lines(...domains(5, 'after'));
    }
    const request = push([], { lines: withdrawn() });
    await assert.rejects(request, { code: 'grant.refused' }).finally(() => (bank.settings.view = view));
    const { features } = await listFeatures(bank.deps, { group: INDUSTRY, limit: 1000 });
    assert.ok(!features.some(({ value }) => value?.startsWith('after-') === true));
  });

  it('accepts values that passed the strict gate elsewhere', async () => {
    const values = [{ type: 'ip', value: '203.0.113.9' }, { type: 'ip', value: 'no' }, 'text'];
    const report = await pushFeatures(bank.deps, { ...SHARING, lines: values });
    assert.deepEqual([report.accepted, report.refused.map(({ line }) => line)], [1, [2, 3]]);
  });

  it('pages the list without gap or repetition', async () => {
    const seen = new Set<string>();
    let after: string | undefined;
    do {
      const page = await listFeatures(bank.deps, {
        group: INDUSTRY,
        limit: 700,
        ...(after === undefined ? {} : { after }),
      });
      for (const { id } of page.features) assert.ok(!seen.has(id) && seen.add(id));
      after = page.next;
    } while (after !== undefined);
    assert.equal(seen.size, (await stored()).features);
    await assert.rejects(listFeatures(bank.deps, { group: INDUSTRY, limit: 1, after: newId() }), {
      code: 'request.invalid',
    });
    await assert.rejects(listFeatures(bank.deps, { group: 'no-such', limit: 1 }), { code: 'grant.refused' });
  });
});
