/** What a proof file shows, in words and as values. */
import type { EntryRef, EntrySubject } from '../../ledger/entry.ts';
import { PARTS, type LedgerProof, type PartName } from './proof-form.ts';
import type { ProvenParts } from './proven-entry.ts';

/** One entry that stands in a log, whatever its member says later. */
export interface ProvenFact extends Required<EntryRef> {
  readonly part: PartName;
  readonly member: string;
  readonly kind: string;
  readonly at: string;
  readonly registry: number;
  readonly vkey: string;
  readonly subject: EntrySubject;
  readonly mid?: string;
  readonly peer?: string;
  /** What the entry says of the other side's log. */
  readonly counter?: EntryRef;
}

export function provenFacts(parts: ProvenParts): readonly ProvenFact[] {
  return PARTS.flatMap((part) => {
    const proven = parts[part];
    if (proven === undefined) return [];
    const { member, kind, at, registry, subject, mid, peer, counter } = proven.fields;
    return {
      part,
      ...{ member, kind, at, registry: registry.serial, vkey: proven.vkey, subject, ...proven.ref },
      ...(mid === undefined ? {} : { mid }),
      ...(peer === undefined ? {} : { peer }),
      ...(counter === undefined ? {} : { counter }),
    };
  });
}

/** The words of `proves`: an act that a log holds, or a text that a seal key signed. */
export function statementsOf(proof: LedgerProof, parts: ProvenParts): readonly string[] {
  const { acceptance, closing, offer } = parts;
  const logged = PARTS.flatMap((name) => {
    const fields = parts[name]?.fields;
    return fields === undefined ? [] : [`${name} logged by ${fields.member}: ${fields.kind}`];
  });
  const sender = offer?.fields.member ?? acceptance?.fields.peer ?? '';
  return [
    ...logged,
    ...(proof.request === undefined ? [] : [`request signed by ${sender}`]),
    ...(proof.answer === undefined ? [] : [`answer signed by ${closing?.fields.peer ?? ''}`]),
    ...(proof.envelope === undefined ? [] : [`envelope signed by ${sender}`]),
  ];
}
