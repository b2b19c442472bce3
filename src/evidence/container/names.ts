/** Names in a container: fixed ones, and the rule that every name must follow. */
export const MIMETYPE = 'mimetype';
export const MIMETYPE_CONTENT = 'application/vnd.etsi.asic-e+zip';
export const MANIFEST = 'META-INF/ASiCManifest001.xml';
export const SIGNATURE = 'META-INF/signature001.p7s';

export const PACKET = 'data/packet.json';
export const CASE_GRAPH = 'data/case.jsonld';
export const CUSTODY = 'data/custody.jsonl';
export const RESERVED_DATA: readonly string[] = [PACKET, CASE_GRAPH, CUSTODY];

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;
const LONGEST = 240;
/** A trailing dot, and the names that Windows keeps for devices: unpacked there, such files vanish or collide. */
const UNPORTABLE = /(^|\/)((con|prn|aux|nul|com\d|lpt\d)(\.[^/]*)?|[^/]*\.)(\/|$)/i;

/**
 * Why a name may not stand in a container; undefined when it may. The alphabet leaves out what makes names dangerous:
 * a segment can't start with a dot (so no `..`), and there is no backslash, colon, leading slash, space or control.
 */
export function nameFault(name: string): string | undefined {
  if (name.length > LONGEST) return `is longer than ${String(LONGEST)} characters`;
  if (!NAME.test(name)) return 'must be relative ASCII: letters, digits, . _ - between single slashes';
  if (UNPORTABLE.test(name)) return 'is a device name or ends in a dot';
  return undefined;
}

/** The form in which two names collide on file systems that ignore case. */
export function foldName(name: string): string {
  return name.toLowerCase();
}

/** Byte order, the same on every machine and in every locale. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
