/** `npm run sbom`: what the program is shipped with, as CycloneDX 1.5 from the lock file; the same bytes on every machine. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const TYPES = ['application', 'framework', 'library'];
const SERIAL = /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const bom = normalised(fromNpm());
const faults = faultsOf(bom);
if (faults.length > 0) {
  process.stderr.write(`sbom: ${faults.join('\nsbom: ')}\n`);
  process.exit(1);
}
const text = `${JSON.stringify(bom, null, 2)}\n`;
const [argument] = process.argv.slice(2);
if (argument === '--check') process.stdout.write(`sbom: ${bom.components.length} components, sound\n`);
else if (argument === undefined) process.stdout.write(text);
else writeFileSync(argument, text);

/** The lock file and not node_modules: optional packages of other platforms are shipped to those. */
function fromNpm() {
  const order = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'];
  const made = spawnSync('npm', order, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (made.status === 0) return JSON.parse(made.stdout);
  process.stderr.write(`sbom: npm sbom failed (npm 10 or later is needed): ${made.stderr}\n`);
  process.exit(2);
}

/** No time, no folder's name, and a serial number that is the content's own. */
function normalised({ metadata, components, dependencies, ...rest }) {
  const { timestamp: _time, component, ...about } = metadata;
  const sorted = [...components].sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  const graph = [...dependencies].sort((a, b) => (a.ref < b.ref ? -1 : 1));
  const own = { ...component, type: 'application', name, version };
  const content = { metadata: { ...about, component: own }, components: sorted, dependencies: graph };
  const hex = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const uuid = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return { ...rest, serialNumber: `urn:uuid:${uuid.join('-')}`, ...content };
}

/** What CycloneDX 1.5 requires, and what this project promises beside. */
function faultsOf(bom) {
  const all = [bom.metadata.component, ...bom.components];
  const refs = new Set(all.map((component) => component['bom-ref']));
  const named = bom.dependencies.flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn]);
  return [
    ...(bom.bomFormat === 'CycloneDX' && bom.specVersion === '1.5' && bom.version === 1
      ? []
      : ['not CycloneDX 1.5']),
    ...(SERIAL.test(bom.serialNumber) ? [] : ['serialNumber is no urn:uuid']),
    ...(refs.size === all.length ? [] : ['a bom-ref is there twice']),
    ...all
      .filter(
        ({ type, name, version, purl }) =>
          !TYPES.includes(type) || !name || !version || !purl?.startsWith('pkg:npm/'),
      )
      .map((component) => `${component['bom-ref']}: type, name, version or purl is missing`),
    ...bom.components
      .filter(({ hashes = [] }) => hashes.length === 0)
      .map((component) => `${component['bom-ref']}: no hash`),
    ...named.filter((ref) => !refs.has(ref)).map((ref) => `${ref}: named in dependencies only`),
    ...(JSON.stringify(bom).includes(root.replace(/\/$/, '')) ? ['a path of this machine is in it'] : []),
  ];
}
