/** The bag: every file listed, none beside, every digest right, in SHA-256 and in SM3, for payload and tag files. */
import { UUID } from '../../core/ids.ts';
import {
  BAG_ALGORITHMS,
  BAGIT_TXT,
  payloadOxum,
  readBagManifest,
  type BagAlgorithm,
} from '../container/bag.ts';
import { RESERVED_DATA } from '../container/names.ts';
import { bagText, OUTSIDE_BAG, type BundleContents } from './bundle-contents.ts';
import { attempt, type CheckList } from './check-list.ts';
import type { Fault } from '../container/fault.ts';

/** A manifest and the files it must list, no more and no fewer. */
interface Coverage {
  readonly manifest: string;
  readonly algorithm: BagAlgorithm;
  readonly names: ReadonlySet<string>;
  readonly listed: ReadonlyMap<string, string>;
}

const COVERED_TAGS = ['bag-info.txt', 'bagit.txt', 'manifest-sha256.txt', 'manifest-sm3.txt'];
const TAGS = [...COVERED_TAGS, 'tagmanifest-sha256.txt', 'tagmanifest-sm3.txt'];
const BAG_INFO =
  /^Source-Organization: [a-z0-9][a-z0-9.-]{1,62}\nExternal-Identifier: urn:uuid:([0-9a-f-]{36})\nBagging-Date: \d{4}-\d{2}-\d{2}\nPayload-Oxum: (\d+\.\d+)\n$/;

export function checkBag(contents: BundleContents, list: CheckList): void {
  const { coverage, faults } = readManifests(contents);
  list.rule('E-BAG-FORM', 'bagit.txt, bag-info.txt and the four manifests have their form (RFC 8493)', [
    ...faults,
    ...formFaults(contents),
  ]);
  list.rule(
    'E-BAG-EXTRA',
    'the container has no file that a manifest does not list',
    extraFaults(contents, coverage),
  );
  list.rule('E-BAG-MISSING', 'every file that a manifest lists is there', missingFaults(contents, coverage));
  const digestFaults = (algorithm: BagAlgorithm): Fault[] =>
    coverage.filter((each) => each.algorithm === algorithm).flatMap((each) => wrongDigests(contents, each));
  list.rule('E-BAG-DIGEST', 'every file of the bag equals its SHA-256', digestFaults('sha256'));
  list.rule('E-SM3', 'every file of the bag equals its SM3', digestFaults('sm3'));
}

function readManifests(contents: BundleContents): { coverage: Coverage[]; faults: Fault[] } {
  const payload = new Set([...contents.bagFiles.keys()].filter((name) => name.startsWith('data/')));
  const tags = new Set(COVERED_TAGS);
  const coverage: Coverage[] = [];
  const faults: Fault[] = [];
  for (const algorithm of BAG_ALGORITHMS) {
    for (const [manifest, names] of [
      [`manifest-${algorithm}.txt`, payload],
      [`tagmanifest-${algorithm}.txt`, tags],
    ] as const) {
      const content = bagText(contents, manifest);
      if (content === undefined) continue;
      const read = attempt(() => readBagManifest(content), `${contents.bag}/${manifest}`);
      if ('fault' in read) faults.push(read.fault);
      else coverage.push({ manifest, algorithm, names, listed: read.value });
    }
  }
  return { coverage, faults };
}

function formFaults(contents: BundleContents): Fault[] {
  const { bag } = contents;
  const faults: Fault[] = [];
  if (!UUID.test(bag))
    faults.push({ message: 'the directory of the bag must be the UUID of the packet', path: bag });
  if (bagText(contents, 'bagit.txt')?.toString('latin1') !== BAGIT_TXT) {
    faults.push({ message: 'expected BagIt-Version 1.0 in UTF-8, nothing else', path: `${bag}/bagit.txt` });
  }
  const info = bagText(contents, 'bag-info.txt')?.toString('latin1') ?? '';
  const [, identifier, oxum] = BAG_INFO.exec(info) ?? [];
  const payload = [...contents.bagFiles.values()].filter(({ name }) => name.startsWith(`${bag}/data/`));
  if (identifier !== bag || oxum !== payloadOxum(payload)) {
    const message = `expected organisation, identifier urn:uuid:${bag}, date and Payload-Oxum ${payloadOxum(payload)}`;
    faults.push({ message, path: `${bag}/bag-info.txt` });
  }
  return faults;
}

function extraFaults(contents: BundleContents, coverage: readonly Coverage[]): Fault[] {
  const known = new Set([...OUTSIDE_BAG, ...TAGS.map((name) => `${contents.bag}/${name}`)]);
  const outside = [...contents.files.keys()]
    .filter((name) => !known.has(name) && !name.startsWith(`${contents.bag}/data/`))
    .map((path) => ({ message: 'the profile has no such file', path }));
  const unlisted = coverage.flatMap(({ manifest, names, listed }) =>
    [...names]
      .filter((name) => contents.bagFiles.has(name) && !listed.has(name))
      .map((name) => ({ message: `${manifest} does not list it`, path: `${contents.bag}/${name}` })),
  );
  return [...outside, ...unlisted];
}

function missingFaults(contents: BundleContents, coverage: readonly Coverage[]): Fault[] {
  const required = [...OUTSIDE_BAG, ...[...TAGS, ...RESERVED_DATA].map((name) => `${contents.bag}/${name}`)];
  const absent = required
    .filter((name) => !contents.files.has(name))
    .map((path) => ({ message: 'the profile demands this file', path }));
  const lost = coverage.flatMap(({ manifest, names, listed }) =>
    [...listed.keys()]
      .filter((name) => !names.has(name) || !contents.bagFiles.has(name))
      .map((name) => ({ message: `${manifest} lists it`, path: `${contents.bag}/${name}` })),
  );
  return [...absent, ...lost];
}

function wrongDigests(contents: BundleContents, { manifest, algorithm, listed }: Coverage): Fault[] {
  return [...listed].flatMap(([name, expected]) => {
    const file = contents.bagFiles.get(name);
    const actual = file?.[algorithm];
    if (actual === undefined || actual === expected) return [];
    return [
      { message: `the file differs from ${manifest}`, path: `${contents.bag}/${name}`, expected, actual },
    ];
  });
}
