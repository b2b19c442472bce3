/** Pure: who is to be told of which features; recipients that hold the same ones share a signed message. */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { NamedFeature } from './destroy-store.ts';
import type { NoticeDue } from './notice-store.ts';

export interface Letter {
  readonly group: GroupId;
  readonly purpose: string;
  readonly recipients: readonly MemberId[];
  readonly features: readonly NamedFeature[];
}

/** Features in one message; schemas/erasure.json has the same number. */
const LETTER_FEATURES = 5000;

/** Nobody learns ids of what was never sent to it. @param due in a fixed order. */
export function lettersOf(due: readonly NoticeDue[]): readonly Letter[] {
  const letters = new Map<string, Letter & { readonly recipients: MemberId[] }>();
  for (const { recipient, group, purpose, features } of byRecipient(due)) {
    const name = JSON.stringify([group, purpose, features]);
    const letter = letters.get(name);
    if (letter === undefined) letters.set(name, { group, purpose, features, recipients: [recipient] });
    else letter.recipients.push(recipient);
  }
  return [...letters.values()].flatMap(({ features, ...rest }) =>
    chunksOf(features).map((some) => ({ ...rest, features: some })),
  );
}

interface Share {
  readonly recipient: MemberId;
  readonly group: GroupId;
  readonly purpose: string;
  readonly features: NamedFeature[];
}

function byRecipient(due: readonly NoticeDue[]): Iterable<Share> {
  const shares = new Map<string, Share>();
  for (const { recipient, group, purpose, envelope, feature } of due) {
    const name = JSON.stringify([recipient, group, purpose]);
    const share = shares.get(name) ?? { recipient, group, purpose, features: [] };
    shares.set(name, share);
    share.features.push({ envelope, feature });
  }
  return shares.values();
}

function chunksOf(features: readonly NamedFeature[]): readonly (readonly NamedFeature[])[] {
  const chunks: NamedFeature[][] = [];
  for (let at = 0; at < features.length; at += LETTER_FEATURES) {
    chunks.push(features.slice(at, at + LETTER_FEATURES));
  }
  return chunks;
}
