import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { canonicalBytes } from '../../src/core/canonical.ts';
import { sha256Hex } from '../../src/core/digest.ts';
import { isGatewayError } from '../../src/core/errors.ts';
import { superlinearPart } from '../../src/wire/json/linear-pattern.ts';
import { loadSchemas } from '../../src/wire/schema-registry.ts';

const dialect = 'https://json-schema.org/draft/2020-12/schema';
const name = {
  $schema: dialect,
  $id: 'urn:lianzheng:schema:name:1.0.0',
  type: 'string',
  pattern: '^[a-z]+$',
};
const person = {
  $schema: dialect,
  $id: 'urn:lianzheng:schema:person:1.2.0',
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: { name: { $ref: name.$id }, since: { type: 'string', format: 'date' } },
};

describe('schemas', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lz-schemas-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const write = (path: string, schema: unknown): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), typeof schema === 'string' ? schema : JSON.stringify(schema));
  };

  it('compiles every file below the directory and lets them refer to each other', () => {
    write('name.json', name);
    write('deep/person.json', person);
    const schemas = loadSchemas(directory);
    assert.deepEqual(schemas.ids().sort(), [name.$id, person.$id]);
    assert.equal(schemas.digest(person.$id), sha256Hex(canonicalBytes(person)));
    schemas.validate(person.$id, { name: 'li', since: '2026-11-23' });
  });

  it('names the place and the rule, never the value', () => {
    write('name.json', name);
    write('person.json', person);
    const schemas = loadSchemas(directory);
    const cases: readonly (readonly [unknown, string, string])[] = [
      [{}, '/', 'required'],
      [{ name: 'SECRET-7' }, '/name', 'pattern'],
      [{ name: 'li', since: 'SECRET-7' }, '/since', 'format'],
      [{ name: 'li', other: 'SECRET-7' }, '/', 'additionalProperties'],
      ['SECRET-7', '/', 'type'],
    ];
    for (const [value, path, rule] of cases) {
      assert.throws(
        () => schemas.validate(person.$id, value),
        (error) => {
          assert.ok(isGatewayError(error, 'schema.invalid'));
          assert.deepEqual([error.facts['path'], error.facts['rule']], [path, rule]);
          assert.ok(!JSON.stringify([error.message, error.facts]).includes('SECRET-7'));
          return true;
        },
      );
    }
  });

  it('refuses a schema that is not registered', () => {
    write('name.json', name);
    const schemas = loadSchemas(directory);
    const work = [
      () => schemas.validate('urn:lianzheng:schema:other:1.0.0', 1),
      () => schemas.digest('constructor'),
    ];
    for (const one of work) assert.throws(one, (error) => isGatewayError(error, 'schema.unknown'));
  });

  const unfit: Readonly<Record<string, unknown>> = {
    'no id': { type: 'string' },
    'a foreign id': { ...name, $id: 'https://attacker.example/schema' },
    'an unknown keyword': { ...name, patern: 'x' },
    'a remote reference': { ...name, $ref: 'https://attacker.example/schema' },
    'a pattern that backtracks': { ...name, pattern: '^(a|a)*$' },
    'a backtracking name pattern, deep': {
      ...person,
      properties: { name: { type: 'object', patternProperties: { '^(a+)+$': {} } } },
    },
    'a key twice': `{"$id":"${name.$id}","type":"string","type":"number"}`,
  };
  for (const [what, schema] of Object.entries(unfit)) {
    it(`does not start with ${what}`, () => {
      write('name.json', schema);
      assert.throws(() => loadSchemas(directory));
    });
  }

  it('does not start with two schemas of one id', () => {
    write('a.json', name);
    write('b.json', { ...name, type: 'string', minLength: 1 });
    assert.throws(() => loadSchemas(directory));
  });
});

describe('patterns', () => {
  const exponential = [
    '^(a|a)*$',
    '(a+)+',
    '([a-z]+)*b',
    '(a*){2,}',
    '((ab)*)+',
    '(?:x+y?)*',
    '(a)\\1',
    '(?=a)b',
    '(?<!a)b',
  ];
  for (const pattern of exponential) {
    it(`refuses ${pattern}`, () => assert.notEqual(superlinearPart(pattern), undefined));
  }
  const fine = [
    '^[a-z0-9][a-z0-9.-]{1,62}$',
    '^(a|b)$',
    '^(x[0-9]{3}){0,6}$',
    '^[^)(|*+]+$',
    '^\\(a\\)+$',
    '^(ab)*$',
    '\\d{4}-\\d\\d',
  ];
  for (const pattern of fine) {
    it(`admits ${pattern}`, () => assert.equal(superlinearPart(pattern), undefined));
  }
});
