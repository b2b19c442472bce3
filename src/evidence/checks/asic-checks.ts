/** The ASiC manifest, which is what people signed: it covers every file outside META-INF, with the right SHA-256. */
import { readAsicManifest, type DataReference } from '../container/asic-manifest.ts';
import { MANIFEST, MIMETYPE, MIMETYPE_CONTENT } from '../container/names.ts';
import { OUTSIDE_BAG, type BundleContents } from './bundle-contents.ts';
import { attempt, type CheckList } from './check-list.ts';
import type { Fault } from '../container/fault.ts';

/** CMS covers the manifest alone: without these checks an altered payload would still carry a good signature. */
export function checkAsic(contents: BundleContents, list: CheckList): void {
  list.rule('E-MIME', `the first file says ${MIMETYPE_CONTENT}`, mimeFaults(contents));
  const content = contents.files.get(MANIFEST)?.content;
  const read = attempt(() => readAsicManifest(content ?? Buffer.alloc(0)), MANIFEST);
  const statement = 'ASiCManifest001.xml has the one form of the profile (EN 319 162-1)';
  list.rule('E-ASIC-FORM', statement, 'fault' in read ? [read.fault] : []);
  if ('fault' in read) return;
  const references = read.value;
  list.rule('E-ASIC-UNCOVERED', 'the signed manifest covers every file', uncovered(contents, references));
  list.rule(
    'E-ASIC-DIGEST',
    'every file equals its SHA-256 in the signed manifest',
    wrong(contents, references),
  );
}

function mimeFaults({ files }: BundleContents): Fault[] {
  const [first] = files.values();
  const right = first?.name === MIMETYPE && first.content?.toString('latin1') === MIMETYPE_CONTENT;
  return right
    ? []
    : [{ message: `'mimetype' must come first and hold ${MIMETYPE_CONTENT}`, path: MIMETYPE }];
}

function uncovered({ files }: BundleContents, references: readonly DataReference[]): Fault[] {
  const covered = new Set(references.map(({ name }) => name));
  return [...files.keys()]
    .filter((name) => !OUTSIDE_BAG.includes(name) && !covered.has(name))
    .map((path) => ({ message: 'no signature covers this file', path }));
}

/** A reference without a file, one that stands twice and one with another digest. */
function wrong({ files }: BundleContents, references: readonly DataReference[]): Fault[] {
  const seen = new Set<string>();
  return references.flatMap(({ name, sha256 }) => {
    const repeated = seen.has(name);
    seen.add(name);
    if (repeated) return [{ message: 'the signed manifest names it twice', path: name }];
    const actual = files.get(name)?.sha256;
    if (actual === undefined)
      return [{ message: 'the signed manifest names it, the container lacks it', path: name }];
    if (actual === sha256) return [];
    return [{ message: 'the file differs from what was signed', path: name, expected: sha256, actual }];
  });
}
