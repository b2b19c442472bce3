/** Joins a sample case with what only its sender knows: group, receiver, signatories, the uploaded files. */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { ItemDraft, PacketDraft } from './packet-draft.ts';
import type { Signatory } from '../packet-types.ts';

type SenderPart = 'group' | 'receiver' | 'copyTo' | 'signatories' | 'items';

/** A file of samples/cases. */
export interface SampleCase {
  readonly case: number;
  readonly title: string;
  readonly indicators: readonly string[];
  readonly draft: Omit<PacketDraft, SenderPart> & { readonly items: readonly Omit<ItemDraft, 'digests'>[] };
  /** Text of each item by its number. */
  readonly files: Readonly<Record<string, string>>;
}

export interface SampleParts {
  readonly group: GroupId;
  readonly receiver: MemberId;
  readonly copyTo?: readonly MemberId[];
  readonly signatories: readonly Signatory[];
  /** The uploaded blob of each item by its number; an item without one is left out, with its forms. */
  readonly blobs: Readonly<
    Record<string, { readonly sha256: string; readonly sm3?: string; readonly size?: number }>
  >;
}

export function draftFromSample(sample: SampleCase, parts: SampleParts): PacketDraft {
  const { blobs, ...sender } = parts;
  const items = sample.draft.items.flatMap((item) => {
    const blob = blobs[item.itemNo ?? ''];
    if (blob === undefined) return [];
    const { sha256, sm3, size } = blob;
    return [
      {
        ...item,
        digests: sm3 === undefined ? { sha256 } : { sha256, sm3 },
        ...(size === undefined ? {} : { size }),
      },
    ];
  });
  const forms = sample.draft.forms.filter(
    ({ itemNo }) => itemNo === undefined || blobs[itemNo] !== undefined,
  );
  return { ...sample.draft, ...sender, forms, items };
}
