/** Whether the entries of two ledgers speak of one exchange, and each names the other's place. */
import { GatewayError } from '../../core/errors.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import type { PartName } from './proof-form.ts';
import type { ProvenEntry, ProvenParts } from './proven-entry.ts';

const CLOSINGS = ['message.acknowledged', 'message.refused-by-peer', 'message.expired', 'message.given-up'];
const KINDS: Readonly<Record<Exclude<PartName, 'entry'>, readonly string[]>> = {
  offer: ['message.offered'],
  acceptance: ['message.accepted'],
  closing: CLOSINGS,
};

/** Each part is an act of its kind with one peer, in its direction. Throws ledger.proof-invalid, as all here. */
export function demandKind(name: PartName, { fields }: ProvenEntry): void {
  if (name === 'entry') return;
  const { kind, pair, peer, mid } = fields;
  if (!KINDS[name].includes(kind)) throw invalid(`${name} is a ${kind}`);
  if (mid === undefined || pair?.dir !== (name === 'acceptance' ? 'in' : 'out') || pair.peer !== peer)
    throw invalid(`${name} has no mid, or another peer or direction than its kind`);
}

/** One message between the same two members. */
export function demandOneExchange({ offer, acceptance, closing }: ProvenParts): void {
  const own = [offer, closing].flatMap((part) => part?.fields ?? []);
  const all = [...own, ...(acceptance === undefined ? [] : [acceptance.fields])];
  for (const name of ['mid', 'group', 'purpose'] as const)
    demandSame(
      name,
      all.map((fields) => fields[name]),
    );
  demandSame(
    'subject',
    own.map(({ subject }) => JSON.stringify(subject)),
  );
  const sides = [
    ...own.map(({ member, peer }) => `${member} to ${peer}`),
    ...(acceptance === undefined ? [] : [`${acceptance.fields.peer} to ${acceptance.fields.member}`]),
  ];
  demandSame('members', sides);
}

/** The closing stands behind the offer, in the log and among the acts towards this peer. */
export function demandOrder(offer: ProvenEntry, closing: ProvenEntry): void {
  const isBehind =
    closing.ref.index > offer.ref.index &&
    (closing.fields.pair?.n ?? 0) > (offer.fields.pair?.n ?? 0) &&
    closing.ref.size >= offer.ref.size;
  if (!isBehind) throw invalid('the closing does not stand behind the offer');
}

/** Only an acknowledgement answers an acceptance. */
export function demandAcknowledged({ fields }: ProvenEntry): void {
  if (fields.kind !== 'message.acknowledged')
    throw invalid(`an accepted message was closed as ${fields.kind}`);
}

/** `from` names index and leaf of `to`, and the very checkpoint that the proof of `to` leads to. */
export function demandCounter(from: ProvenEntry, to: ProvenEntry): void {
  const counter: EntryRef | undefined = from.fields.counter;
  for (const name of ['origin', 'index', 'leaf', 'size', 'root'] as const) {
    if (counter?.[name] === to.ref[name]) continue;
    throw invalid(`counter.${name} is ${counter?.[name] ?? 'absent'}, the other entry has ${to.ref[name]}`);
  }
}

/** Clocks of two members differ; what is worse than that is no honest exchange. */
const MAX_SKEW_MS = 120_000;

/** The largest step back from one part to the next, in milliseconds. */
export function stepBack(parts: readonly ProvenEntry[]): number {
  const times = parts.map(({ fields }) => Date.parse(fields.at));
  const steps = times.slice(1).map((time, i) => (times[i] ?? time) - time);
  const worst = Math.max(0, ...steps);
  if (worst > MAX_SKEW_MS) throw invalid(`an act is ${worst} ms earlier than the one it answers`);
  return worst;
}

function demandSame(what: string, values: readonly (string | undefined)[]): void {
  if (new Set(values).size > 1) throw invalid(`the entries differ in ${what}`);
}

function invalid(message: string): GatewayError {
  return new GatewayError('ledger.proof-invalid', message);
}
