/** `npm run X` on any checkout, fresh or not: bootstrap, then hand over to the real command. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (...parts) => join(root, 'node_modules', ...parts);
const commands = {
  demo: { compile: true, args: [join(root, 'bin', 'lianzheng.mjs'), 'demo'] },
  test: {
    compile: true,
    args: [bin('mocha', 'bin', 'mocha.js'), 'tests/!(interop|faults|attacks)/**/*.test.ts'],
  },
  interop: { compile: true, args: [bin('mocha', 'bin', 'mocha.js'), 'tests/interop/**/*.test.ts'] },
  faults: { compile: false, args: [join(root, 'scripts', 'faults.mjs')] },
  attacks: { compile: false, args: [bin('mocha', 'bin', 'mocha.js'), 'tests/attacks/**/*.test.ts'] },
  bench: { compile: true, args: ['--import', 'tsx', join(root, 'bench', 'main.ts')] },
};

const [name, ...rest] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  process.stderr.write(`usage: node scripts/run.mjs ${Object.keys(commands).join('|')}\n`);
  process.exit(2);
}
bootstrap({ compile: command.compile });
const child = spawn(process.execPath, [...command.args, ...rest], { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
