/** One entry of a proof file: its form, the registry it pins, the key of its log, its place under the checkpoint. */
import { GatewayError } from '../../core/errors.ts';
import type { Entry, EntryRef } from '../../ledger/entry.ts';
import { MAX_ENTRY_BYTES } from '../../ledger/entry.ts';
import { isCanonicalEntry } from '../../ledger/entry-grammar.ts';
import { parseNote, verifyNote } from '../../ledger/notes/note.ts';
import { readProof, verifyEntryProof } from '../../ledger/notes/tlog-proof.ts';
import { ledgerKeys, vkeysAt } from '../ledger-keys.ts';
import type { RegistryView } from '../registry/registry-view.ts';
import { PARTS, type LoggedPart, type PartName } from './proof-form.ts';

export interface ProvenEntry {
  readonly fields: Entry;
  /** Where it stands, with the checkpoint that its proof leads to. */
  readonly ref: Required<EntryRef>;
  /** The registry that the entry pins. */
  readonly view: RegistryView;
  /** The vkey that signed the checkpoint. */
  readonly vkey: string;
  /** `name+key id` of the other signature lines of the checkpoint, unverified. */
  readonly otherLines: readonly string[];
}

export type ProvenParts = Readonly<Partial<Record<PartName, ProvenEntry>>>;

/** All of them, or the first refusal. */
export function proveParts(
  parts: Readonly<Partial<Record<PartName, LoggedPart>>>,
  chain: readonly RegistryView[],
): ProvenParts {
  const present = PARTS.flatMap((name) => {
    const part = parts[name];
    return part === undefined ? [] : [[name, proveEntry(part, chain)] as const];
  });
  return Object.fromEntries(present);
}

/** Untrusted part; `chain` is verified and by rising serial. Throws ledger.proof-invalid or ledger.note-invalid. */
export function proveEntry(part: LoggedPart, chain: readonly RegistryView[]): ProvenEntry {
  const fields = readFields(part.entry);
  const view = pinnedRegistry(fields, chain);
  const origin = originOf(fields, view);
  const { checkpoint } = readProof(part.proof);
  const vkey = signerOf(checkpoint, { origin, fields, view, chain });
  const ref = verifyEntryProof({ ...part, origin, vkeys: [vkey] });
  if (ref.index !== fields.seq) throw invalid(`entry ${fields.seq} is proven at index ${ref.index}`);
  return { fields, ref, view, vkey, otherLines: otherLines(checkpoint, vkey) };
}

/** The grammar makes the value; the cast only names what it has admitted. */
function readFields(entry: string): Entry {
  if (!isCanonicalEntry(entry) || Buffer.byteLength(entry) > MAX_ENTRY_BYTES)
    throw invalid('the entry is not canonical JSON of a known form');
  return JSON.parse(entry) as Entry;
}

function pinnedRegistry({ registry }: Entry, chain: readonly RegistryView[]): RegistryView {
  const view = chain.find(({ serial }) => serial === registry.serial);
  if (view?.sha256 === registry.sha256) return view;
  throw invalid(`the entry was made under registry ${registry.serial} (${registry.sha256}), not in the file`);
}

function originOf({ member }: Entry, view: RegistryView): string {
  const origin = view.member(member)?.ledger.origin;
  if (origin === undefined) throw invalid(`registry ${view.serial} lists no member ${member}`);
  return origin;
}

interface Signed {
  readonly origin: string;
  readonly fields: Entry;
  readonly view: RegistryView;
  readonly chain: readonly RegistryView[];
}

/**
 * The key that the pinned registry lists, or one that counted at the time of the entry: at a rotation an entry may be
 * drafted under one registry and sequenced under the next. Nothing that came later takes a key away.
 */
function signerOf(checkpoint: string, { origin, fields, view, chain }: Signed): string {
  const keys = ledgerKeys(chain, origin);
  const { signers } = verifyNote(checkpoint, [...new Set(keys.map(({ vkey }) => vkey))]);
  const pinned = view.body.members.find(({ ledger }) => ledger.origin === origin)?.ledger.vkey;
  const then = new Set([pinned, ...vkeysAt(keys, new Date(fields.at))]);
  const signer = signers.find((vkey) => then.has(vkey));
  if (signer !== undefined) return signer;
  throw invalid(`key-not-valid-then: ${signers.join(', ')} was not registered for ${origin} at ${fields.at}`);
}

/** Cosignatures of witnesses stand behind the log's own line. */
function otherLines(checkpoint: string, vkey: string): readonly string[] {
  const { signatures } = parseNote(checkpoint);
  return signatures
    .map(({ name, keyId }) => `${name}+${keyId}`)
    .filter((line) => !vkey.startsWith(`${line}+`));
}

function invalid(message: string): GatewayError {
  return new GatewayError('ledger.proof-invalid', message);
}
