import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isGatewayError, type ErrorCode } from '../../../src/core/errors.ts';
import { parseStrictJson } from '../../../src/wire/json/strict-json.ts';

const nested = (depth: number, text = ''): string => '['.repeat(depth) + text + ']'.repeat(depth);

/** Named after JSONTestSuite where it has the case; bytes as latin1 text so that invalid UTF-8 can be written. */
const refused: readonly (readonly [name: string, text: string, code: ErrorCode])[] = [
  ['n_structure_no_data', '', 'json.syntax'],
  ['n_structure_whitespace', ' \n\t', 'json.syntax'],
  ['n_array_extra_comma', '[1,]', 'json.syntax'],
  ['n_array_unclosed', '[1', 'json.syntax'],
  ['n_array_colon_instead_of_comma', '["":1]', 'json.syntax'],
  ['n_object_single_quote', "{'a':0}", 'json.syntax'],
  ['n_object_trailing_comma', '{"a":0,}', 'json.syntax'],
  ['n_object_unquoted_key', '{a:0}', 'json.syntax'],
  ['n_object_key_alone', '{"a"}', 'json.syntax'],
  ['n_structure_trailing_bytes', '{"a":1}x', 'json.syntax'],
  ['n_structure_double_array', '[][]', 'json.syntax'],
  ['n_structure_object_with_comment', '{"a":1}/**/', 'json.syntax'],
  ['n_number_leading_zero', '[012]', 'json.syntax'],
  ['n_number_plus', '[+1]', 'json.syntax'],
  ['n_number_point_alone', '[1.]', 'json.syntax'],
  ['n_number_minus_alone', '[-]', 'json.syntax'],
  ['n_number_hex', '[0x1]', 'json.syntax'],
  ['n_number_two_signs', '[1-2]', 'json.syntax'],
  ['n_number_NaN', '[NaN]', 'json.syntax'],
  ['n_number_Infinity', '[Infinity]', 'json.syntax'],
  ['n_string_newline', '["\n"]', 'json.syntax'],
  ['n_string_raw_nul', '["\0"]', 'json.syntax'],
  ['n_string_bad_escape', '["\\x00"]', 'json.syntax'],
  ['n_string_short_unicode_escape', '["\\u00A"]', 'json.syntax'],
  ['n_string_unterminated', '["abc', 'json.syntax'],
  ['n_string_backslash_at_end', '["\\', 'json.syntax'],
  ['n_structure_open_object_string', '{"a', 'json.syntax'],

  ['object_same_key_same_value', '{"a":1,"a":1}', 'json.duplicate-key'],
  ['object_same_key_different_values', '{"a":1,"a":2}', 'json.duplicate-key'],
  ['same key, one escaped', '{"a":1,"\\u0061":2}', 'json.duplicate-key'],
  ['same key, deep', '{"x":[{"y":{"k":1,"z":2,"k":3}}]}', 'json.duplicate-key'],
  ['same key whose first value holds members', '{"a":{"b":1,"c":2},"a":{"b":1}}', 'json.duplicate-key'],
  ['same key with a quote in it', '{"\\"":1,"\\u0022":2}', 'json.duplicate-key'],
  ['same empty key', '{"":1,"":2}', 'json.duplicate-key'],
  ['same numeric key', '{"1":1,"1":2}', 'json.duplicate-key'],

  ['depth 65', nested(65), 'json.too-deep'],
  ['depth 65 of objects', '{"a":'.repeat(65) + '1' + '}'.repeat(65), 'json.too-deep'],
  ['n_structure_100000_opening_arrays', '['.repeat(100_000), 'json.too-deep'],

  ['__proto__', '{"__proto__":{"polluted":1}}', 'json.forbidden-key'],
  ['__proto__ escaped', '{"__proto\\u005f_":1}', 'json.forbidden-key'],
  ['constructor, deep', '[{"a":{"constructor":{"prototype":1}}}]', 'json.forbidden-key'],
  ['prototype', '{"prototype":1}', 'json.forbidden-key'],

  ['i_number_huge_exp', '[1e400]', 'json.number-lossy'],
  ['i_number_neg_int_huge_exp', '[-1e9999]', 'json.number-lossy'],
  ['i_number_double_huge_neg_exp', '[123.456e-789]', 'json.number-lossy'],
  ['2^53+1', '[9007199254740993]', 'json.number-lossy'],
  ['2^53', '[9007199254740992]', 'json.number-lossy'],
  ['-(2^53+1)', '{"n":-9007199254740993}', 'json.number-lossy'],
  ['19-digit id', '{"n":1234567890123456789}', 'json.number-lossy'],
  ['eighteen significant digits', '[0.123456789012345678]', 'json.number-lossy'],
  ['integer beyond 2^53 by exponent', '[1e22]', 'json.number-lossy'],
  ['minus zero', '[-0]', 'json.number-lossy'],
  ['minus zero as a fraction', '[-0.0]', 'json.number-lossy'],
  ['minus zero at top level', '-0', 'json.number-lossy'],

  ['i_structure_UTF-8_BOM_empty_object', '\xef\xbb\xbf{}', 'json.encoding-invalid'],
  ['i_string_invalid_utf-8', '["\xff"]', 'json.encoding-invalid'],
  ['i_string_truncated-utf-8', '["\xe0\xff"]', 'json.encoding-invalid'],
  ['i_string_overlong_sequence_2_bytes', '["\xc0\xaf"]', 'json.encoding-invalid'],
  ['i_string_UTF-8_surrogate_U+D800', '["\xed\xa0\x80"]', 'json.encoding-invalid'],
  ['UTF-16', '[\0"\0a\0"\0]\0', 'json.syntax'],
  ['i_string_1st_surrogate_but_2nd_missing', '["\\uDADA"]', 'json.encoding-invalid'],
  ['i_string_lone_second_surrogate', '["\\uDFAA"]', 'json.encoding-invalid'],
  ['i_string_inverted_surrogates', '["\\uDd1e\\uD834"]', 'json.encoding-invalid'],
  ['lone surrogate in a key', '{"\\uD800":1}', 'json.encoding-invalid'],
  ['escaped NUL', '["a\\u0000b"]', 'json.encoding-invalid'],
  ['escaped NUL in a key', '{"\\u0000":1}', 'json.encoding-invalid'],
];

const accepted: readonly (readonly [name: string, text: string])[] = [
  ['depth 64', nested(64, '1')],
  ['brackets and colons inside strings', '{"a":"[[[{{{::::\\"::","b":["\\\\",":"]}'],
  ['2^53-1', '[9007199254740991,-9007199254740991]'],
  ['decimals that a double keeps', '[0.1,1.5e-7,2.50,1E3,0.0001,100,1.7976931348623157e-300,0,0.0,0e5]'],
  ['a surrogate pair', '["\\uD83D\\uDE39\\uD83D\\uDE39"]'],
  ['non-characters and BOM inside', '["\\uFFFF\\uFEFF"]'],
  ['keys of Object.prototype that are harmless', '{"toString":1,"hasOwnProperty":2}'],
  ['white space around', ' \r\n\t{"a" : [ 1 , 2 ] }\n'],
  ['a scalar', '"text"'],
  ['an escaped backslash before a quote', '["\\\\","u0000"]'],
];

describe('strict JSON', () => {
  for (const [name, text, code] of refused) {
    it(`refuses ${name} with ${code}`, () => {
      assert.throws(
        () => parseStrictJson(Buffer.from(text, 'latin1')),
        (error) => isGatewayError(error, code),
      );
    });
  }

  for (const [name, text] of accepted) {
    it(`reads ${name} as JSON.parse does`, () => {
      assert.deepEqual(parseStrictJson(Buffer.from(text)), JSON.parse(text));
    });
  }

  it('leaves prototypes alone', () => {
    assert.throws(() => parseStrictJson(Buffer.from('{"__proto__":{"polluted":true}}')));
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  it('reads a view into a larger buffer', () => {
    const large = new TextEncoder().encode('xx{"a":1}yy');
    assert.deepEqual(parseStrictJson(large.subarray(2, 9)), { a: 1 });
  });

  it('reads back what JSON.stringify wrote, when the value is safe', () => {
    const safe = fc.jsonValue({ maxDepth: 6 }).filter((value) => isSafe(value));
    fc.assert(
      fc.property(safe, (value) => {
        assert.deepEqual(parseStrictJson(Buffer.from(JSON.stringify(value))), value);
      }),
    );
  });

  it('refuses every object in which one member is repeated', () => {
    const name = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 6 }), fc.nat(), (names, pick) => {
        const again = names[pick % names.length];
        const members = [...names, again].map((one) => `${JSON.stringify(one)}:{"n":1}`);
        assert.throws(() => parseStrictJson(Buffer.from(`[{${members.join(',')}}]`)));
      }),
    );
  });

  it('takes a megabyte of digits in little time', () => {
    const started = performance.now();
    assert.throws(() => parseStrictJson(Buffer.from(`[0.${'0'.repeat(1_000_000)}1]`)));
    assert.ok(performance.now() - started < 1000);
  });
});

function isSafe(value: unknown): boolean {
  const text = JSON.stringify(value);
  const numbers = text.match(/-?\d[\d.eE+-]*/g) ?? [];
  return (
    !/__proto__|constructor|prototype|\\u0000|\\ud[89a-f]/i.test(text) &&
    !containsMinusZero(value) &&
    numbers.every((number) => Math.abs(Number(number)) <= Number.MAX_SAFE_INTEGER)
  );
}

function containsMinusZero(value: unknown): boolean {
  if (typeof value === 'number') return Object.is(value, -0);
  return typeof value === 'object' && value !== null && Object.values(value).some(containsMinusZero);
}
