/** Drafts and signatures for the tests: the sample cases, with the officers of the test alliance. */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { PacketDraft, ItemDraft } from '../../src/evidence/making/packet-draft.ts';
import type { Signatory } from '../../src/evidence/packet-types.ts';
import type { PacketRecord } from '../../src/evidence/packets.ts';
import { draftFromSample, type SampleCase } from '../../src/evidence/making/sample-case.ts';
import { addSignature, manifestOf } from '../../src/evidence/making/sign.ts';
import { without } from '../../src/evidence/without.ts';
import { signDetached } from '../../src/pki/cms.ts';
import type { BlobInfo, BlobStore } from '../../src/storage/blob-store.ts';
import { TRANSFERS, type TestGateway, type World } from './gateways.ts';
import type { Officer, OfficerName } from './people.ts';

export function sampleCase(number: number): SampleCase {
  const name = `case-${String(number).padStart(2, '0')}.json`;
  return JSON.parse(
    readFileSync(new URL(`../../samples/cases/${name}`, import.meta.url), 'utf8'),
  ) as SampleCase;
}

/** Uploads the files of a sample case and returns the draft of its transfer to the police. */
export async function caseDraft(world: World, number = 1): Promise<PacketDraft> {
  const sample = sampleCase(number);
  const blobs: Record<string, BlobInfo> = {};
  for (const [itemNo, text] of Object.entries(sample.files)) {
    blobs[itemNo] = await upload(world.regulator.deps.blobs, text);
  }
  const { handler1, handler2, head } = world.people.officers;
  const signatories = [
    signatory(handler1, 'HANDLER'),
    signatory(handler2, 'HANDLER'),
    signatory(head, 'APPROVER'),
  ];
  return draftFromSample(sample, { group: TRANSFERS, receiver: 'police-p', signatories, blobs });
}

export function upload(blobs: BlobStore, content: string | Buffer): Promise<BlobInfo> {
  return blobs.put(Readable.from(chunksOf(Buffer.from(content))));
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

export function signatory({ name, x5t }: Officer, role: Signatory['role']): Signatory {
  return { role, name, x5t };
}

/** An item of the bank for a release. */
export async function bankItem(world: World, content: string): Promise<ItemDraft> {
  const [item] = sampleCase(1).draft.items;
  const { sha256 } = await upload(world.bank.deps.blobs, content);
  return {
    ...without(item!, 'itemNo'),
    digests: { sha256 },
    grade: { jrt0197: 3, pfi: 'C2', nfra: 'sensitive' },
  };
}

export async function signAs(
  world: World,
  officer: OfficerName,
  content: Buffer,
  at = new Date(),
): Promise<Buffer> {
  const { cert, key } = world.people.officers[officer];
  return signDetached(content, { certPem: cert, keyPem: key }, at);
}

/** Each officer signs the manifest and uploads the signature. */
export async function signPacket(
  world: World,
  gateway: TestGateway,
  { packetId, officers }: { readonly packetId: string; readonly officers: readonly OfficerName[] },
): Promise<PacketRecord> {
  const manifest = await manifestOf(gateway.deps, packetId);
  let record: PacketRecord | undefined;
  for (const officer of officers) {
    const cms = await signAs(world, officer, manifest);
    record = await addSignature(gateway.deps, { packetId, cms, actor: officer });
  }
  return record!;
}
