/** Verifies a container offline, given only what to trust; every check has a code and says what it has shown. */
import { open, type FileHandle } from 'node:fs/promises';
import { checkAsic } from './checks/asic-checks.ts';
import { checkBag } from './checks/bag-checks.ts';
import { bundleContents, type BundleContents } from './checks/bundle-contents.ts';
import { CheckList, type BundleCheck } from './checks/check-list.ts';
import { checkCustody } from './checks/custody-checks.ts';
import { checkPacket, type SchemaCheck } from './checks/packet-checks.ts';
import { checkSignatures, type RegistryTrust } from './checks/signature-checks.ts';
import { PACKET, MANIFEST, MIMETYPE, SIGNATURE } from './container/names.ts';
import { isSystemError, listContainer } from './container/read-container.ts';
import { scanContainer, type ScanProgress } from './container/scan-container.ts';
import type { Packet } from './packet-types.ts';

export type { BundleCheck } from './checks/check-list.ts';

export interface BundleTrust {
  /** The registry with this serial and payload digest, when it is among the anchors. */
  registryAt(serial: number, sha256: string): RegistryTrust | undefined;
  /** Throws `schema.invalid` or `schema.unknown`. */
  readonly schemaCheck: SchemaCheck;
}

/** Exit classes: `ok` → valid; `checked` without `ok` → invalid; not `checked` → could not be checked. */
export interface BundleReport {
  readonly ok: boolean;
  readonly checked: boolean;
  /** The bag's UUID, as soon as the archive can be read. */
  readonly packetId?: string;
  readonly checks: readonly BundleCheck[];
}

/** Constant memory whatever the size; each file is read once. Never throws on what stands in the file. */
export async function verifyBundle(
  file: string,
  trust: BundleTrust,
  onProgress?: ScanProgress,
): Promise<BundleReport> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    return await verifyOpen(handle, trust, onProgress);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const message = `the file cannot be read: ${error.message}`;
    return { ok: false, checked: false, checks: [{ code: 'E-FILE', ok: false, message, path: file }] };
  } finally {
    await handle?.close();
  }
}

async function verifyOpen(
  handle: FileHandle,
  trust: BundleTrust,
  onProgress: ScanProgress | undefined,
): Promise<BundleReport> {
  const list = new CheckList();
  const contents = await checkArchive(handle, list, onProgress);
  if (contents === undefined) return { ok: false, checked: true, checks: list.checks };
  checkAsic(contents, list);
  checkBag(contents, list);
  const packet = checkPacket(contents, trust.schemaCheck, list);
  if (packet !== undefined) await checkStatements(contents, packet, { trust, list });
  return { ok: list.ok, checked: true, packetId: contents.bag, checks: list.checks };
}

/** The archive as such. Undefined when what it lists must not be read on. */
async function checkArchive(
  handle: FileHandle,
  list: CheckList,
  onProgress: ScanProgress | undefined,
): Promise<BundleContents | undefined> {
  const { size } = await handle.stat();
  const listing = await listContainer(handle.fd, size);
  const listed = 'no more entries than allowed, stored and plain, with safe names, none twice';
  list.family('E-ZIP', listed, listing.faults);
  if (listing.faults.length > 0) return undefined;
  const scan = await scanContainer({ handle, size }, listing.entries, onProgress);
  const order = orderFaults(listing.entries.map(({ name }) => name));
  list.family('E-ZIP-FORM', 'every byte between the files is as this profile writes it', [
    ...scan.faults,
    ...order,
  ]);
  return scan.complete ? bundleContents(scan.files) : undefined;
}

async function checkStatements(
  contents: BundleContents,
  packet: Packet,
  { trust, list }: { readonly trust: BundleTrust; readonly list: CheckList },
): Promise<void> {
  checkCustody(contents, packet, list);
  const { serial, sha256 } = packet.registry;
  const registry = trust.registryAt(serial, sha256);
  const unknown = {
    message: `registry ${String(serial)} with SHA-256 ${sha256} is not among the anchors: no signer can be judged`,
    path: `${contents.bag}/${PACKET}`,
  };
  const statement = `signers are judged by registry ${String(serial)}, which the anchors hold`;
  list.rule('E-REGISTRY', statement, registry === undefined ? [unknown] : []);
  if (registry !== undefined) await checkSignatures({ contents, packet, registry }, list);
}

/** mimetype, META-INF, then the bag by name. */
function orderFaults(names: readonly string[]): { code: string; message: string }[] {
  const head = [MIMETYPE, MANIFEST, SIGNATURE].filter((name) => names.includes(name));
  const rest = names.filter((name) => !head.includes(name)).sort();
  const right = [...head, ...rest].every((name, index) => names[index] === name);
  return right ? [] : [{ code: 'E-ZIP-FORM', message: 'the files are not in the order of this profile' }];
}
