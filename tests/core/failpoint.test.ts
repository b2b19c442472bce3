import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programRoot } from '../../src/config.ts';

const remover = new URL('../../scripts/remove-failpoints.mjs', import.meta.url);
const MODULE = new URL('../../src/core/failpoint.ts', import.meta.url);

describe('failpoints', () => {
  it('are in no file of the compiled program', function () {
    const dist = join(programRoot, 'dist');
    // `npm test` compiles first; whoever runs this file alone may not have.
    if (!existsSync(dist)) return this.skip();
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.js'),
    );
    const having = files.filter((name) => /failpoint/i.test(readFileSync(join(dist, name), 'utf8')));
    assert.deepEqual(having, []);
  });

  it('are taken out line by line, and the build stops when one would stay', async () => {
    const { removeFailpoints } = (await import(remover.href)) as {
      removeFailpoints: (directory: string) => void;
    };
    const directory = mkdtempSync(join(tmpdir(), 'lianzheng-failpoints-'));
    try {
      mkdirSync(join(directory, 'core'));
      writeFileSync(join(directory, 'core/failpoint.js'), 'export function failpoint() {}\n');
      const file = join(directory, 'a.js');
      const head = 'import { failpoint } from "./core/failpoint.js";\n';
      writeFileSync(file, `${head}export function act() {\n    failpoint('here');\n    return 1;\n}\n`);
      removeFailpoints(directory);
      assert.equal(readFileSync(file, 'utf8'), '\nexport function act() {\n\n    return 1;\n}\n');
      assert.deepEqual(readdirSync(join(directory, 'core')), []);
      writeFileSync(file, `${head}export const act = () => failpoint('here');\n`);
      assert.throws(() => removeFailpoints(directory), /a call on a line of its own/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('kill the process at the passage that was named, and no other', () => {
    const program = `const { failpoint } = await import(${JSON.stringify(MODULE.href)});
      failpoint('one'); failpoint('two'); console.log('first'); failpoint('two'); console.log('never');`;
    const { signal, stdout } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      {
        cwd: programRoot,
        env: { ...process.env, LIANZHENG_FAILPOINT: 'two:2' },
        encoding: 'utf8',
      },
    );
    assert.deepEqual([signal, stdout], ['SIGKILL', 'first\n']);
  });
});
