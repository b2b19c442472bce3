/** Turns the forms and blobs of a draft into the packet's annexes and items, each compared with what was said of it. */
import { sha256Hex, sm3Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import type { BlobInfo, BlobStore } from '../../storage/blob-store.ts';
import type { FormDraft, ItemDraft, PacketDraft } from '../making/packet-draft.ts';
import type { Annex, EvidenceItem, Grade } from '../packet-types.ts';
import { without } from '../without.ts';
import { convertibilityOf, itemNumber, recordOf } from './packet-rules.ts';

/** A file of the packet; its bytes are the blob of the same digest. */
export interface PacketFile extends BlobInfo {
  /** Below data/ of the bag, ASCII. */
  readonly path: string;
}

export interface PacketContent {
  readonly annexes: readonly Annex[];
  readonly items: readonly EvidenceItem[];
  readonly files: readonly PacketFile[];
  /** Texts of the annexes, to be stored once the packet is found good. */
  readonly texts: readonly Buffer[];
}

/** Throws blob.not-found or blob.digest-mismatch. */
export async function gatherFiles(blobs: BlobStore, draft: PacketDraft): Promise<PacketContent> {
  const items: EvidenceItem[] = [];
  for (const [index, item] of draft.items.entries()) {
    items.push(await completeItem(blobs, draft, { item, itemNo: itemNumber(item, index) }));
  }
  const forms = withDataList(draft.forms, items);
  const texts = forms.map((form) => Buffer.from(`${form.title}\n\n${form.text}\n`, 'utf8'));
  const annexes: Annex[] = [];
  for (const [index, form] of forms.entries()) {
    annexes.push(completeAnnex(form, texts[index] ?? Buffer.alloc(0), annexes));
  }
  const files = [...annexes, ...items].map(({ path, size, digests }) => ({ path, size, ...digests }));
  return { annexes, items, files, texts };
}

async function completeItem(
  blobs: BlobStore,
  draft: PacketDraft,
  { item, itemNo }: { item: ItemDraft; itemNo: string },
): Promise<EvidenceItem> {
  const blob = await blobs.describe(item.digests.sha256);
  assertAsStated(item, itemNo, blob);
  return {
    ...without(item, 'size', 'digests', 'grade'),
    itemNo,
    path: `items/${itemNo}/${asciiName(item.fileName, itemNo)}`,
    size: blob.size,
    digests: { sha256: blob.sha256, sm3: blob.sm3 },
    recordRef: recordOf(draft, item, itemNo) ?? '',
    convertibility: convertibilityOf(item.evidenceType),
    // The schema refuses every other value; C3 was refused before.
    grade: item.grade as Grade,
  };
}

function assertAsStated(item: ItemDraft, itemNo: string, blob: BlobInfo): void {
  const { sm3 } = item.digests;
  if (sm3 !== undefined && sm3 !== blob.sm3) throw differs(itemNo, 'SM3', sm3, blob.sm3);
  if (item.size !== undefined && item.size !== blob.size) throw differs(itemNo, 'size', item.size, blob.size);
}

function differs(itemNo: string, what: string, stated: unknown, found: unknown): GatewayError {
  return new GatewayError(
    'blob.digest-mismatch',
    `item ${itemNo}: the draft says ${what} ${String(stated)}, the stored file has ${String(found)}`,
    { facts: { itemNo, what, stated, found } },
  );
}

function asciiName(fileName: string, itemNo: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(fileName)) return fileName;
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(fileName)?.[0] ?? '.bin';
  return `item-${itemNo}${extension.toLowerCase()}`;
}

function completeAnnex(form: FormDraft, text: Buffer, before: readonly Annex[]): Annex {
  const base = form.itemNo === undefined ? form.form : `${form.form}-${form.itemNo}`;
  const same = before.filter(({ path }) => path.startsWith(`forms/${base}`)).length;
  return {
    no: form.form,
    title: form.title,
    ...(form.itemNo === undefined ? {} : { itemNo: form.itemNo }),
    copies: form.copies ?? 1,
    pages: form.pages ?? 1,
    format: 'text/plain; charset=utf-8',
    path: `forms/${base}${same === 0 ? '' : `-${same + 1}`}.txt`,
    size: text.length,
    digests: { sha256: sha256Hex(text), sm3: sm3Hex(text) },
    form: 'original',
  };
}

/** The 电子数据清单 (A6) lists checksums, which only the gateway knows: it writes the list when nobody else did. */
function withDataList(forms: readonly FormDraft[], items: readonly EvidenceItem[]): readonly FormDraft[] {
  const electronic = items.filter((item) => item.evidenceType === 'ELECTRONIC_DATA');
  if (electronic.length === 0 || forms.some((form) => form.form === 'A6')) return forms;
  const rows = electronic.map(
    ({ itemNo, category, fileName, format, size, digests }) =>
      `${itemNo}\t${category}\t${fileName}\t${format}\t${size}\tSHA-256 ${digests.sha256}\tSM3 ${digests.sm3}`,
  );
  const list = ['编号\t类别\t文件名\t文件格式\t字节数\t完整性校验值', ...rows].join('\n');
  return [...forms, { form: 'A6', title: '电子数据清单', text: list }];
}
