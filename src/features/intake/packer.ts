/** Packs features into batches that fit one envelope: personal values leave the signed part here. */
import { commit, newDisclosure } from '../../wire/disclosure.ts';
import { BATCH_FEATURES, detailOf, type BatchItem, type Mutable, type SignedFeature } from '../feature.ts';
import { isPersonal } from '../feature-type.ts';
import { lookupOf } from '../lookup.ts';
import { IdSequence } from './id-sequence.ts';
import type { ReadFeature } from './read-feature.ts';

/** Signed bytes of the features of one batch. */
const BATCH_BYTES = 700 * 1024;
/** Id, type, times, numbers and a commitment, with their names and commas. */
const FIXED_BYTES = 420;
/** A message may have 1 MiB; the rest is for the JWS and the members of the envelope. */
const MESSAGE_BYTES = 1024 * 1024 - 16 * 1024;

export interface PackedBatch {
  readonly items: readonly BatchItem[];
  readonly personal: boolean;
  readonly grade: number;
}

export class Packer {
  readonly #indexKey: Buffer;
  readonly #ids = new IdSequence();
  #items: BatchItem[] = [];
  #bytes = 0;
  #messageBytes = 0;

  constructor(indexKey: Buffer) {
    this.#indexKey = indexKey;
  }

  /** Returns the batch that is full without this feature, when it is. */
  add(feature: ReadFeature): PackedBatch | undefined {
    const lookup = lookupOf(this.#indexKey, feature.type, feature.value);
    const item = itemOf(feature, this.#ids.next(), lookup);
    const bytes = atMost(item);
    const messageBytes = Math.ceil((bytes * 4) / 3) + disclosureBytes(item);
    const full = this.#hasRoom(bytes, messageBytes) ? undefined : this.rest();
    this.#items.push(item);
    this.#bytes += bytes;
    this.#messageBytes += messageBytes;
    return full;
  }

  /** Takes out what is held. */
  rest(): PackedBatch | undefined {
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    this.#messageBytes = 0;
    return items.length === 0 ? undefined : packed(items);
  }

  #hasRoom(bytes: number, messageBytes: number): boolean {
    return (
      this.#items.length < BATCH_FEATURES &&
      this.#bytes + bytes <= BATCH_BYTES &&
      this.#messageBytes + messageBytes <= MESSAGE_BYTES
    );
  }
}

/** Completes what was read instead of copying it: a copy of each was a fifth of the time of a push. */
function itemOf({ type, value, facts }: ReadFeature, id: string, lookup: string): BatchItem {
  const signed = facts as Mutable<SignedFeature>;
  const detail = detailOf(facts);
  signed.id = id;
  signed.type = type;
  if (!isPersonal(type)) {
    signed.value = value;
    return { signed, lookup, detail };
  }
  const disclosure = newDisclosure(value);
  signed.commitment = commit(disclosure);
  return { signed, lookup, detail, disclosure };
}

/** Bytes that the feature has in the signed body, counted from above. */
function atMost({ signed, detail }: BatchItem): number {
  const { value } = signed;
  return FIXED_BYTES + Buffer.byteLength(detail) + (value === undefined ? 0 : jsonBytes(value));
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function disclosureBytes({ disclosure }: BatchItem): number {
  return disclosure === undefined ? 0 : jsonBytes(disclosure) + 1;
}

function packed(items: readonly BatchItem[]): PackedBatch {
  return {
    items,
    personal: items.some((item) => item.disclosure !== undefined),
    grade: Math.max(...items.map((item) => item.signed.grade)),
  };
}
