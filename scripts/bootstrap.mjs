/** Makes a fresh checkout runnable: installs packages and compiles, each only when something changed. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { removeFailpoints } from './remove-failpoints.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {{compile?: boolean}} [options] */
export function bootstrap(options = {}) {
  requireNode();
  install();
  linkProgram();
  if (options.compile !== false) compile();
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `Node ${process.versions.node} is too old: Lianzheng needs 20.19 or later (22 or 24 LTS in production)`,
  );
}

function install() {
  const stamp = join(root, 'node_modules', '.lianzheng-lock');
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  process.stderr.write('Installing packages (once) …\n');
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'npm could not install the packages; check the network to the package registry',
  );
  writeFileSync(stamp, digest);
}

/** So that `npx lianzheng` finds this checkout's program. */
function linkProgram() {
  const link = join(root, 'node_modules', '.bin', 'lianzheng');
  if (existsSync(link)) return;
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(join('..', '..', 'bin', 'lianzheng.mjs'), link);
}

function compile() {
  run(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
    'the sources do not compile',
  );
  removeFailpoints(join(root, 'dist'));
}

/** Output goes to standard error: standard output belongs to the program that is started. */
function run(command, args, complaint) {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) fail(complaint);
}

function fail(message) {
  process.stderr.write(`lianzheng: ${message}\n`);
  process.exit(2);
}
