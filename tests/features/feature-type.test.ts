import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { featureTypes, featureValue, isPersonal, normaliseValue } from '../../src/features/feature-type.ts';
import { typeWeights } from '../../src/features/screening/type-weights.ts';

/** type → [given, normal form]. */
const good: readonly (readonly [string, string, string])[] = [
  ['phone', '154-0000-0001', '+8615400000001'],
  ['id-card', '11010519491231002x', '11010519491231002X'],
  ['uscc', '91999999ma0te9t0an', '91999999MA0TE9T0AN'],
  ['company-name', '甲 信息咨询（演示）有限公司', '甲信息咨询(演示)有限公司'],
  ['bank-account', '6228 0000-1234', '622800001234'],
  ['bank-card', '6200 0000 0000 0005', '6200000000000005'],
  ['wechat', 'Loan_Helper-1', 'loan_helper-1'],
  ['qq', '10000', '10000'],
  ['alipay', '15400000001', '+8615400000001'],
  ['alipay', 'Pay@Example.com', 'pay@example.com'],
  ['email', 'A.B+c@贷款.example.com', 'a.b+c@xn--0kwr83e.example.com'],
  ['url', 'HTTP://Example.COM:80/a b?q=1#top', 'http://example.com/a%20b?q=1'],
  ['url', 'https://[2001:DB8::1]/x', 'https://[2001:db8::1]/x'],
  ['domain', 'Sub_1.Example.COM.', 'sub_1.example.com'],
  ['domain', '贷款.中国', 'xn--0kwr83e.xn--fiqs8s'],
  ['ip', '203.0.113.9', '203.0.113.9'],
  ['ip', '2001:DB8:0:0::0001', '2001:db8::1'],
  ['app-package', 'com.example.FastLoan', 'com.example.FastLoan'],
  ['app-signing-cert', 'AB:'.repeat(31) + 'AB', 'ab'.repeat(32)],
  ['device-fingerprint', 'DEV-0001-ABCD', 'dev-0001-abcd'],
  ['address', '演示市 演示区　演示路1号', '演示市演示区演示路1号'],
  ['vehicle', '京A·12345', '京A12345'],
  ['vehicle', 'LSVAA49J132047371', 'LSVAA49J132047371'],
  ['document-digest', `SHA256:${'AB'.repeat(32)}`, `sha256:${'ab'.repeat(32)}`],
  ['document-template', `tlsh:T1${'0'.repeat(70)}`, `tlsh:t1${'0'.repeat(70)}`],
  ['ad-copy', `minhash:${'0f'.repeat(256)}`, `minhash:${'0f'.repeat(256)}`],
  ['slogan', ' 4折　解债 全额化债 ', '4折 解债 全额化债'],
  ['behaviour', 'straw_borrower', 'STRAW_BORROWER'],
];

const bad: readonly (readonly [string, string])[] = [
  ['phone', '95588'],
  ['id-card', '110105194912310021'],
  ['uscc', '91999999MA0TE9T0AM'],
  ['company-name', '甲'],
  ['bank-account', '12'],
  ['bank-card', '6200000000000004'],
  ['wechat', '1abcdef'],
  ['qq', '01234'],
  ['alipay', 'nobody'],
  ['email', 'a..b@example.com'],
  ['email', 'a@localhost'],
  ['url', 'javascript:alert(1)'],
  ['url', 'https://user:pass@example.com/'],
  ['url', 'http://192.168.0.1/'],
  ['domain', 'localhost'],
  ['domain', '10.0.0.1'],
  ['domain', 'a..example.com'],
  ['domain', 'xn--0.com'],
  ['domain', `${'a'.repeat(64)}.com`],
  ['domain', 'a b.com'],
  ['ip', '10.0.0.1'],
  ['ip', '::ffff:203.0.113.9'],
  ['ip', 'fe80::1'],
  ['ip', '203.0.113.0/24'],
  ['app-package', 'noDots'],
  ['app-signing-cert', 'ab'],
  ['device-fingerprint', 'short'],
  ['address', '短'],
  ['vehicle', '甲A12345'],
  ['document-digest', `md5:${'0'.repeat(32)}`],
  ['document-template', 'tlsh:T2'],
  ['ad-copy', 'minhash:00'],
  ['slogan', 'a\u0000b\u0007'],
  ['behaviour', 'BEING_RUDE'],
];

describe('feature types', () => {
  it('have a good and a bad example each', () => {
    for (const type of featureTypes) {
      assert.ok(
        good.some(([name]) => name === type),
        type,
      );
      assert.ok(
        bad.some(([name]) => name === type),
        type,
      );
    }
  });

  for (const [type, given, normal] of good) {
    it(`brings ${type} ${JSON.stringify(given.slice(0, 40))} into its normal form`, () => {
      assert.equal(featureValue(type, given), normal);
    });
  }

  it('refuse bad values with a reason that does not repeat them', () => {
    for (const [type, value] of bad) {
      assert.throws(
        () => featureValue(type, value),
        (error: { code: string; message: string }) =>
          error.code === 'feature.invalid' && !error.message.includes(value),
        `${type} ${value}`,
      );
    }
    assert.throws(() => featureValue('shoe-size', '42'), { code: 'feature.type-unknown' });
    assert.throws(() => featureValue('constructor', 'x'), { code: 'feature.type-unknown' });
  });

  it('keep well-known harmless values out', () => {
    assert.throws(() => featureValue('domain', 'Baidu.com'), { code: 'feature.invalid' });
    assert.throws(() => featureValue('ip', '114.114.114.114'), { code: 'feature.invalid' });
  });

  it('have a fixed point as their normal form, whatever the value', () => {
    const parts = fc.constantFrom(
      ...Array.from('abZ09.-_@:/%#?[]·１Ａﬀǰΐßİ京é\u0301\u200d'),
      'xn--',
      '://',
      '..',
    );
    const text = fc.oneof(
      fc.array(parts, { maxLength: 24 }).map((all) => all.join('')),
      fc.string({ unit: 'binary', maxLength: 24 }),
      fc.constantFrom(...good.map(([, given]) => given)),
      fc.webUrl(),
      fc.emailAddress(),
      fc.ipV6(),
      fc.domain(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...featureTypes), text, (type, value) => {
        let normal: string;
        try {
          normal = normaliseValue(type, value);
        } catch {
          return true;
        }
        return normaliseValue(type, normal) === normal && normal.length > 0;
      }),
      { numRuns: 5000 },
    );
  });

  it('are named alike in the batch schema, personal ones apart', () => {
    const schema = JSON.parse(
      readFileSync(new URL('../../schemas/feature-batch.json', import.meta.url), 'utf8'),
    );
    const { properties, if: personal } = schema.$defs.feature;
    assert.deepEqual([...properties.type.enum].sort(), [...featureTypes].sort());
    assert.deepEqual(
      [...personal.properties.type.enum].sort(),
      featureTypes.filter((type) => isPersonal(type)).sort(),
    );
    assert.deepEqual(Object.keys(typeWeights).sort(), [...featureTypes].sort());
  });
});
