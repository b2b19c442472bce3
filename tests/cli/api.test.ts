import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { newId } from '../../src/core/ids.ts';
import { sha256Hex } from '../../src/core/digest.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { ErasureOrder, MemberServices, Packet } from '../../src/http/member/services.ts';
import { createAuthority } from '../../src/pki/authority.ts';
import { verifyDetached } from '../../src/pki/cms.ts';
import { issueCertificate } from '../../src/pki/issue.ts';
import { writePkcs12 } from '../../src/pki/pkcs12.ts';
import { writePrivateFile } from '../../src/pki/private-file.ts';
import { generateRsaKey } from '../../src/pki/private-key.ts';
import { createRequest } from '../../src/pki/request.ts';
import { createTestPlane, type TestPlane } from '../http/member/plane.ts';
import { run, type Loose, type Run } from './console.ts';

const scopes = [
  'features:write',
  'screen',
  'evidence:write',
  'evidence:release',
  'transfer:act',
  'erasure:act',
  'audit:read',
];
const packetId = newId();
const bundle = Buffer.from('the bytes of a bundle');
const packet: Packet = {
  packetId,
  direction: 'out',
  type: 'CASE_TRANSFER',
  docNo: 'No 1',
  state: 'signed',
  group: 'case-transfer',
  peer: 'police-p',
  manifestSha256: '00'.repeat(32),
  bundle: { sha256: sha256Hex(bundle), size: bundle.length },
  createdAt: '2026-01-01T00:00:00.000Z',
};

describe('commands that call a gateway', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lianzheng-cli-'));
  const at = (name: string): string => join(directory, name);
  const ranges: unknown[] = [];
  const uploads: Buffer[] = [];
  const drafts: Loose[] = [];
  const orders: ErasureOrder[] = [];
  let plane: TestPlane;
  let environment: Record<string, string>;

  const services: Partial<MemberServices> = {
    pushFeatures: async ({ lines }) => {
      let accepted = 0;
      for await (const line of lines) accepted += line.length > 0 ? 1 : 0;
      const refused = [{ line: 2, code: 'feature.invalid', message: 'check digit' }];
      return { accepted: accepted - 1, duplicates: 0, refused, refusedCount: 1, batches: 1, receipts: [] };
    },
    eraseSubject: ({ actor, ...order }) => {
      orders.push(order);
      return Promise.resolve({
        ...{ erasureId: order.id ?? newId(), orderedBy: 'bank-a', actor, madeAt: '2026-01-01T00:00:00.000Z' },
        ...{ reason: order.reason, legalBasis: order.legalBasis, features: 2, sightings: 1, screenings: 0 },
        receipt: { origin: 'o', index: 7, leaf: '00'.repeat(32) },
        notices: [{ to: 'insurer-b', group: 'g1', mid: newId(), state: 'pending' }],
        notTold:
          order.reason === 'unlawful'
            ? [{ member: 'bank-c', group: 'g1', code: 'tls.member-suspended' }]
            : [],
      });
    },
    listDeliveries: () => Promise.resolve({ deliveries: [] }),
    packet: (id) =>
      id === packetId
        ? Promise.resolve(packet)
        : Promise.reject(new GatewayError('packet.not-found', 'none such')),
    bundle: () =>
      Promise.resolve({
        size: bundle.length,
        sha256: sha256Hex(bundle),
        open: (range) => {
          ranges.push(range);
          return Readable.from([bundle.subarray(range?.start ?? 0)]);
        },
      }),
    assemblePacket: (draft) => (drafts.push(draft), Promise.resolve(packet)),
    manifestOf: () => Promise.resolve(Buffer.from('<manifest/>')),
    addSignature: ({ cms }) => (uploads.push(cms), Promise.resolve(packet)),
    receiptDocument: () => Promise.resolve(Buffer.from('{"document":"packet-receipt"}')),
    signReceipt: ({ cms }) => (uploads.push(cms), Promise.resolve(packet)),
  };

  before(async () => {
    plane = await createTestPlane(services);
    await once(plane.server.listen(0, '127.0.0.1'), 'listening');
    writeFileSync(at('token'), `${await plane.token(scopes)}\n`);
    const { port } = plane.server.address() as AddressInfo;
    environment = { LIANZHENG_URL: `http://127.0.0.1:${port}`, LIANZHENG_TOKEN_FILE: at('token') };
  });
  after(async () => {
    await plane.close();
    rmSync(directory, { recursive: true });
  });

  const call = (...args: string[]): Promise<Run> => run([...args, '--json'], environment);

  it('uploads a file and says its digest', async () => {
    const file = Buffer.alloc(3 << 20, 5);
    writeFileSync(at('statement.csv'), file);
    const put = await call('blob', 'put', at('statement.csv'));
    assert.equal(put.code, 0, put.err);
    assert.equal(put.json['blobs'][0].sha256, sha256Hex(file));
    assert.ok(await plane.blobs.stat(sha256Hex(file)));
  });

  it('hears a refusal that comes while the file is still going out', async () => {
    writeFileSync(at('huge.bin'), Buffer.alloc(24 << 20));
    const put = await call('blob', 'put', at('huge.bin'));
    assert.equal(put.code, 2);
    assert.equal(put.json['error'].code, 'blob.quota');
  });

  it('pushes features and ends with 1 when a line was refused', async () => {
    writeFileSync(at('features.ndjson'), '{"a":1}\n{"a":2}\n{"a":3}\n');
    const share = ['--group', 'g1', '--purpose', 'P', '--basis', 'B-1', '--basis', 'B-2'];
    const pushed = await call('features', 'push', at('features.ndjson'), ...share);
    assert.equal(pushed.code, 1);
    assert.equal(pushed.json['accepted'], 2);
    const told = await run(['features', 'push', at('features.ndjson'), ...share], environment);
    assert.match(told.out, /2 features accepted.*1 refused/);
    assert.match(told.out, /line 2: feature\.invalid: check digit/);
  });

  it('erases the value that a file holds, and never takes it from the command line', async () => {
    writeFileSync(at('value'), '\uFEFF154 0000 0401\r\n');
    const why = ['--reason', 'purpose-ended', '--basis', 'PIPL-47'];
    const told = await run(['erase', '--type', 'phone', '--value-file', at('value'), ...why], environment);
    assert.equal(told.code, 0, told.err);
    assert.deepEqual([orders.at(-1)?.type, orders.at(-1)?.value], ['phone', '154 0000 0401']);
    assert.match(orders.at(-1)?.id ?? '', /^[0-9a-f-]{36}$/);
    assert.match(told.out, /2 features and 1 sightings erased; ledger entry 7\n {2}insurer-b in g1: pending/);
    assert.doesNotMatch(told.out, /154 0000/);
    const argued = await run(['erase', '--type', 'phone', '--value', '1', ...why], environment);
    assert.match(argued.err, /unknown option '--value'/);
  });

  it('ends with 1 when a member could not be told of an erasure, and with 2 for half a subject', async () => {
    const why = ['--reason', 'unlawful', '--basis', 'PIPL-47'];
    const told = await run(['erase', '--feature', newId(), ...why], environment);
    assert.equal(told.code, 1);
    assert.match(told.out, /bank-c in g1: NOT TOLD, tls\.member-suspended/);
    writeFileSync(at('two'), '1\n2\n');
    for (const half of [[], ['--type', 'phone'], ['--type', 'phone', '--value-file', at('two')]]) {
      assert.equal((await run(['erase', ...half, ...why], environment)).code, 2, half.join(' '));
    }
    const reason = await run(['erase', '--feature', newId(), '--reason', 'x', '--basis', 'B-1'], environment);
    assert.match(reason.err, /--reason must be one of purpose-ended/);
  });

  it('shows a refusal with code, remedy and correlation id, exit code 1', async () => {
    const shown = await run(['packet', 'show', newId()], environment);
    assert.equal(shown.code, 1);
    assert.match(shown.err, /packet\.not-found: none such\n {2}what to do: Check the packet id\./);
    assert.match(shown.err, /correlationId/);
  });

  it('ends with 2 when the gateway cannot be reached, and says where', async () => {
    const away = await run(['deliveries', '--url', 'http://127.0.0.1:1', '--token', 'x'], {});
    assert.equal(away.code, 2);
    assert.match(away.err, /exchange\.peer-unreachable: http:\/\/127\.0\.0\.1:1 cannot be reached/);
  });

  it('says which gateway and token are missing', async () => {
    assert.match((await run(['deliveries'], {})).err, /give --url/);
    const url = { LIANZHENG_URL: environment['LIANZHENG_URL'] ?? '' };
    const noToken = await run(['deliveries', '--json'], url);
    assert.equal(noToken.json['error'].code, 'auth.token-missing');
  });

  it('prefers --token over the environment', async () => {
    const refused = await call('deliveries', '--token', 'nonsense');
    assert.equal(refused.json['error'].code, 'auth.token-invalid');
  });

  it('mints a token that the gateway takes', async () => {
    const key = await plane.issuerKeyFile();
    const { issuer, audience } = plane.issuer;
    const minted = await call(
      ...['token', '--key', key, '--issuer', issuer, '--audience', audience, '--subject', 'a'],
      ...['--scope', 'audit:read', '--minutes', '5'],
    );
    assert.equal(minted.code, 0, minted.err);
    assert.equal((await call('deliveries', '--token', minted.json['token'])).code, 0);
  });

  it('uploads the files that a draft names and sends their digests instead', async () => {
    const draft = {
      ...{
        packetType: 'CASE_TRANSFER',
        group: 'case-transfer',
        receiver: 'police-p',
        docNo: 'No 1',
        signatories: [],
      },
      items: [{ file: 'statement.csv', category: 'x' }],
    };
    writeFileSync(at('draft.json'), JSON.stringify(draft));
    const assembled = await call('packet', 'assemble', at('draft.json'));
    assert.equal(assembled.code, 0, assembled.err);
    assert.equal(assembled.json['packetId'], packetId);
    const [item] = drafts[0].items;
    assert.equal(item.file, undefined);
    assert.equal(item.digests.sha256, sha256Hex(readFileSync(at('statement.csv'))));
    assert.equal(item.size, 3 << 20);
  });

  it('names what a draft lacks, offline', async () => {
    writeFileSync(
      at('poor.json'),
      JSON.stringify({ packetType: 'CASE_TRANSFER', items: [{ file: 'gone.csv' }] }),
    );
    const checked = await run(['packet', 'check', at('poor.json'), '--json']);
    assert.equal(checked.code, 1);
    const codes = checked.json['findings'].map(({ code }: { code: string }) => code);
    assert.deepEqual(codes, ['blob.not-found', 'schema.invalid']);
  });

  it('downloads a bundle, and goes on where a download stopped', async () => {
    const whole = await call('packet', 'bundle', packetId, '--out', at('a.asice'));
    assert.equal(whole.code, 0, whole.err);
    assert.deepEqual(readFileSync(at('a.asice')), bundle);
    writeFileSync(at('b.asice.part'), bundle.subarray(0, 5));
    assert.equal((await call('packet', 'bundle', packetId, '--out', at('b.asice'))).code, 0);
    assert.deepEqual(readFileSync(at('b.asice')), bundle);
    assert.deepEqual(ranges, [undefined, { start: 5, end: bundle.length - 1 }]);
  });

  it('refuses a download whose bytes differ and throws them away', async () => {
    writeFileSync(at('c.asice.part'), 'wrong');
    const wrong = await call('packet', 'bundle', packetId, '--out', at('c.asice'));
    assert.equal(wrong.code, 1);
    assert.equal(wrong.json['error'].code, 'bundle.digest-mismatch');
    assert.throws(() => readFileSync(at('c.asice.part')));
  });

  it('signs manifest and receipt locally and sends only the signature', async () => {
    const ca = await createAuthority({ name: 'CA', alliance: 'lz-test' });
    const keyPem = await generateRsaKey();
    const csrPem = createRequest('officer', { commonName: '王某' }, keyPem);
    const names = { uri: 'urn:lianzheng:lz-test:bank-a:person:handler-1' };
    const life = { nbf: new Date(), exp: new Date(Date.now() + 86_400_000) };
    const certPem = issueCertificate({ ca, csrPem, profile: 'officer', names, ...life });
    await writePrivateFile(
      at('me.p12'),
      writePkcs12({ certPem, keyPem, chain: [ca.certPem] }, 'a long secret'),
    );
    writeFileSync(at('password'), 'a long secret\n');
    const signing = ['--p12', at('me.p12'), '--password-file', at('password')];
    assert.equal((await call('packet', 'sign', packetId, ...signing)).code, 0);
    assert.equal((await call('packet', 'receipt', packetId, ...signing)).code, 0);
    const documents = ['<manifest/>', '{"document":"packet-receipt"}'];
    for (const [n, cms] of uploads.entries()) {
      const checks = await verifyDetached(cms, Buffer.from(documents[n] ?? ''), [ca.certPem]);
      assert.deepEqual(
        checks.map(({ ok }) => ok),
        [true],
      );
    }
    const wrong = await run(['packet', 'sign', packetId, '--p12', at('me.p12')], {
      ...environment,
      LIANZHENG_P12_PASSWORD: 'wrong',
    });
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /pki\.key-invalid/);
  });
});
