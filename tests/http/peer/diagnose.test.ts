import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diagnoseCapture } from '../../../src/gateway/diagnose.ts';
import type { DiagnosisReport } from '../../../src/cli/hooks.ts';
import { generateSealKey, importSigningKey } from '../../../src/wire/jws.ts';
import { run, type Run } from '../../cli/console.ts';
import { bodyCases } from '../../exchange/cases/body-cases.ts';
import { envelopeCases, schemaCases } from '../../exchange/cases/envelope-cases.ts';
import { grantCases } from '../../exchange/cases/grant-cases.ts';
import { certificateCases, headerCases } from '../../exchange/cases/header-cases.ts';
import { claimCases, formCases, missingClaimCases } from '../../exchange/cases/token-cases.ts';
import { forge, type Change, type Forged } from '../../exchange/forge.ts';
import type { Case, Cases } from '../../exchange/refusal.ts';
import { openWireWorld, type WireWorld } from '../../exchange/wire-world.ts';

const tables: Readonly<Record<string, Cases>> = {
  certificate: certificateCases,
  headers: headerCases,
  'form and key of the token': formCases,
  claims: claimCases,
  'a claim that is missing': missingClaimCases,
  body: bodyCases,
  envelope: envelopeCases,
  'schema and kind': schemaCases,
  grant: grantCases,
};

/** The requests that a real gateway refuses in tests/exchange, written down as captures. */
describe('diagnosing a captured request', function () {
  this.timeout(60_000);
  let world: WireWorld;
  before(async function () {
    this.timeout(180_000);
    world = await openWireWorld();
  });
  after(() => world.close());

  const capture = (forged: Forged, shown = true): object => {
    const identity = forged.as === 'foreign' ? world.identities.foreign : world.identities[forged.as];
    return {
      ...{ method: forged.method, path: forged.path, headers: forged.headers },
      body: forged.wire.toString('base64'),
      ...(shown && identity?.cert !== undefined ? { clientCertificate: identity.cert } : {}),
      at: world.clock().toISOString(),
    };
  };
  const written = async (content: object | Buffer): Promise<string> => {
    const file = join(world.exportDirectory, 'capture.json');
    await writeFile(file, Buffer.isBuffer(content) ? content : JSON.stringify(content));
    return file;
  };
  const trust = () => {
    const { anchors, registry, member, peer } = world.receiver.config;
    return { anchors, registry: registry.dir, member, authority: peer.authority };
  };
  const diagnosed = async (change: Change, shown = true): Promise<DiagnosisReport> => {
    const file = await written(capture(await forge(world, change), shown));
    return diagnoseCapture({ capture: file, trust: trust() });
  };
  const codes = ({ findings }: DiagnosisReport): string[] => findings.map(({ code }) => code);

  it('finds nothing in a request that the gateway takes', async () => {
    const report = await diagnosed({});
    assert.deepEqual(report.findings, []);
    assert.equal(report.caller, 'bank-a');
    assert.deepEqual((await diagnosed({}, false)).findings, [], 'also without a certificate');
  });

  for (const [subject, { unsigned = [], signed = [] }] of Object.entries(tables)) {
    describe(subject, () => {
      for (const [name, code, change] of [...unsigned, ...signed] as readonly Case[]) {
        it(`${name}: ${code}`, async () => {
          const report = await diagnosed(typeof change === 'function' ? await change(world) : change);
          assert.ok(codes(report).includes(code), `named ${codes(report).join(', ') || 'nothing'}`);
          assert.ok(report.findings.every(({ message, remedy }) => message !== '' && remedy !== ''));
        });
      }
    });
  }

  const old = { iat: 1_700_000_000, nbf: 1_700_000_000, exp: 1_700_000_060 };
  const together: readonly [string, Change | (() => Promise<Change>), readonly string[]][] = [
    [
      'a missing header and an old token',
      { claims: old, headers: (lines) => lines.filter(([name]) => name !== 'content-digest') },
      ['http.header-missing', 'token.expired'],
    ],
    [
      'a token for somebody else, signed with a key that is not registered',
      async () => ({
        claims: { aud: 'police-p' },
        tokenKey: await importSigningKey((await generateSealKey()).privateJwk),
      }),
      ['token.signature-invalid', 'token.audience-mismatch'],
    ],
    [
      'a stranger without a token',
      { as: 'unlisted', headers: (lines) => lines.filter(([name]) => name !== 'exchange-token') },
      ['http.header-missing', 'tls.certificate-unregistered'],
    ],
    [
      'a token of another minute with another certificate, for a purpose that no grant has',
      { as: 'receiver', content: { purpose: 'MARKETING' }, claims: { ...old, pur: 'MARKETING' } },
      [
        ...['token.key-unknown', 'token.expired', 'token.issuer-mismatch', 'token.binding-mismatch'],
        // The offer, too, is of the other member's ledger.
        ...['token.claims-refused', 'envelope.issuer-mismatch', 'grant.refused'],
      ],
    ],
    [
      'an unknown claim, another target and another group in the envelope',
      { claims: { admin: true, htu: 'https://elsewhere.example/x/v1/messages', grp: 'other' } },
      ['token.claims-refused', 'token.target-mismatch', 'envelope.invalid'],
    ],
    [
      'a query, a second header and a wrong media type',
      {
        path: '/x/v1/messages?debug=1',
        headers: (lines) => [
          ...lines.map(([n, v]) => [n, n === 'content-type' ? 'text/plain' : v] as const),
          ['x-a', '1'],
          ['X-A', '1'],
        ],
      },
      // The forge names no schema under a path that is not exactly the messages'.
      ['http.query-refused', 'http.header-duplicate', 'http.media-type-refused', 'envelope.invalid'],
    ],
  ];
  for (const [name, change, expected] of together) {
    it(`names all of: ${name}`, async () => {
      const report = await diagnosed(typeof change === 'function' ? await change() : change);
      assert.deepEqual(
        [...new Set(codes(report))].sort(),
        [...expected].sort(),
        JSON.stringify(report.findings),
      );
    });
  }

  describe('as a command', () => {
    const command = async (content: object | Buffer, ...more: readonly string[]): Promise<Run> => {
      const { anchors, registry, member, authority } = trust();
      const judge = [
        '--anchors',
        anchors,
        '--registry',
        registry,
        '--member',
        member,
        '--authority',
        authority,
      ];
      const hooks = { diagnose: diagnoseCapture };
      return run(['diagnose', await written(content), ...judge, ...more, '--json'], {}, hooks);
    };

    it('ends with 0, 1 or 2: nothing wrong, findings, no request', async () => {
      const sound = await command(capture(await forge(world)));
      assert.deepEqual([sound.code, sound.json.ok], [0, true], sound.err);
      const faulty = await command(capture(await forge(world, { claims: { aud: 'police-p' } })));
      assert.equal(faulty.code, 1);
      assert.deepEqual(
        [faulty.json.findings[0].code, faulty.json.findings[0].expected, faulty.json.findings[0].came],
        ['token.audience-mismatch', 'aud "regulator-r"', 'aud "police-p"'],
      );
      const nonsense = await command(Buffer.from('hello'));
      assert.deepEqual([nonsense.code, nonsense.json.error.code], [2, 'config.invalid']);
    });

    it('reads the raw text of a request, judged at the time that is given', async () => {
      const { method, path, headers, wire } = await forge(world);
      const lines = [`${method} ${path} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
      const raw = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), wire]);
      const now = await command(raw, '--at', world.clock().toISOString());
      assert.equal(now.code, 0, now.out);
      const later = await command(raw, '--at', new Date(world.clock().getTime() + 3_600_000).toISOString());
      assert.deepEqual(
        later.json.findings.map(({ code }: { code: string }) => code),
        ['token.expired'],
      );
    });
  });
});
