/** Takes the fault harness' failpoints out of compiled files; lines stay lines, so that source maps still fit. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CALL = /^\s*(await failpointAfter|failpoint)\(.*\);$/;
const IMPORT = /^import \{[^}]*\bfailpoint\w*\b[^}]*\} from ['"][^'"]*failpoint\.js['"];$/;

/** @param {string} directory compiled files, at any depth. Throws when a failpoint would stay. */
export function removeFailpoints(directory) {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (/^failpoint\.(js|js\.map)$/.test(entry.name)) rmSync(path);
    else if (entry.name.endsWith('.js')) clean(path);
  }
}

function clean(path) {
  const text = readFileSync(path, 'utf8');
  if (!text.includes('failpoint')) return;
  const lines = text.split('\n').map((line) => (CALL.test(line) || IMPORT.test(line) ? '' : line));
  const left = lines.findIndex((line) => line.includes('failpoint'));
  if (left !== -1) throw new Error(`${path}:${left + 1}: a failpoint is a call on a line of its own`);
  writeFileSync(path, lines.join('\n'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  removeFailpoints(fileURLToPath(new URL('../dist', import.meta.url)));
}
