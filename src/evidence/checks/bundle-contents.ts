/** What the checks look at: the scanned files of one container, the bag's directory, and its files by their names there. */
import { MANIFEST, MIMETYPE, SIGNATURE } from '../container/names.ts';
import type { ScannedFile } from '../container/digest-entry.ts';

export interface BundleContents {
  /** Every file by its name in the container. */
  readonly files: ReadonlyMap<string, ScannedFile>;
  /** Directory of the bag: the packet's UUID. */
  readonly bag: string;
  /** Files of the bag by their names in it, e.g. `data/packet.json`. */
  readonly bagFiles: ReadonlyMap<string, ScannedFile>;
}

export const OUTSIDE_BAG: readonly string[] = [MIMETYPE, MANIFEST, SIGNATURE];

export function bundleContents(files: ReadonlyMap<string, ScannedFile>): BundleContents {
  const inBag = [...files.values()].filter(({ name }) => !OUTSIDE_BAG.includes(name));
  const bag = inBag[0]?.name.split('/')[0] ?? '';
  const prefix = `${bag}/`;
  const bagFiles = new Map(
    inBag
      .filter(({ name }) => name.startsWith(prefix))
      .map((file) => [file.name.slice(prefix.length), file] as const),
  );
  return { files, bag, bagFiles };
}

/** Bytes of a file of the bag that the checks read; undefined when it is missing or too large to be true. */
export function bagText({ bagFiles }: BundleContents, name: string): Buffer | undefined {
  return bagFiles.get(name)?.content;
}
