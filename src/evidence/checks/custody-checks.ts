/** The custody log: an unbroken chain of lines, and for each item an unbroken line of digests up to the one in the bag. */
import type { JsonObject, JsonValue } from '../../core/canonical.ts';
import { sha256Hex } from '../../core/digest.ts';
import { CUSTODY } from '../container/names.ts';
import type { Packet } from '../packet-types.ts';
import { bagText, type BundleContents } from './bundle-contents.ts';
import type { CheckList } from './check-list.ts';
import type { Fault } from '../container/fault.ts';
import { readCanonical } from './packet-checks.ts';

interface CustodyLine {
  readonly number: number;
  readonly event: JsonObject;
}

const FIRST_PREVIOUS = '0'.repeat(64);
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

export function checkCustody(contents: BundleContents, packet: Packet, list: CheckList): void {
  const log = bagText(contents, CUSTODY);
  const path = `${contents.bag}/${CUSTODY}`;
  const faults = log === undefined ? ['the log is missing'] : custodyFaults(log, packet.items);
  const statement = 'the custody log is one hash chain, and leads each item to the digest it has here';
  list.rule(
    'E-CUSTODY-GAP',
    statement,
    faults.map((message): Fault => ({ message, path })),
  );
}

/** Untrusted input. `prevEventHash` is the SHA-256 of the line before, without its line feed; 64 zeros at first. */
export function custodyFaults(log: Buffer, items: Packet['items']): string[] {
  const text = log.toString('utf8');
  if (text !== '' && !text.endsWith('\n')) return ['the last line has no line feed'];
  const faults: string[] = [];
  const events: CustodyLine[] = [];
  let previous = FIRST_PREVIOUS;
  for (const [index, line] of linesOf(text).entries()) {
    const number = index + 1;
    const event = readCanonical(Buffer.from(line, 'utf8'));
    if (event === undefined) faults.push(`line ${String(number)} is no canonical JSON object`);
    else {
      faults.push(...chainFaults({ number, event }, previous));
      events.push({ number, event });
    }
    previous = sha256Hex(line);
  }
  return [...faults, ...timeFaults(events), ...itemFaults(events, items)];
}

/** A packet without items has an empty log. */
function linesOf(text: string): string[] {
  return text === '' ? [] : text.slice(0, -1).split('\n');
}

function chainFaults({ number, event }: CustodyLine, previous: string): string[] {
  const faults: string[] = [];
  if (event['seq'] !== number) faults.push(`line ${String(number)} has seq ${JSON.stringify(event['seq'])}`);
  if (event['prevEventHash'] !== previous) {
    faults.push(
      `line ${String(number)} does not follow the line before it: expected prevEventHash ${previous}`,
    );
  }
  return faults;
}

function timeFaults(events: readonly CustodyLine[]): string[] {
  let latest = -Infinity;
  return events.flatMap(({ number, event }) => {
    const at = event['at'];
    const instant = typeof at === 'string' && INSTANT.test(at) ? Date.parse(at) : NaN;
    if (Number.isNaN(instant)) return [`line ${String(number)} has no time`];
    if (instant < latest)
      return [`line ${String(number)} lies before the line above it: ${show(at ?? null)}`];
    latest = instant;
    return [];
  });
}

function itemFaults(events: readonly CustodyLine[], items: Packet['items']): string[] {
  const known = new Set(items.map(({ itemNo }) => itemNo));
  const strangers = events.flatMap(({ number, event }) =>
    itemNumbers(event)
      .filter((itemNo) => !known.has(itemNo))
      .map((itemNo) => `line ${String(number)} names item ${itemNo}, which is not in the packet`),
  );
  const byItem = eventsByItem(events);
  const digested = items.flatMap(({ itemNo, digests }) =>
    digestFaults(byItem.get(itemNo) ?? [], itemNo, digests.sha256),
  );
  return [...strangers, ...digested];
}

function eventsByItem(events: readonly CustodyLine[]): ReadonlyMap<string, readonly CustodyLine[]> {
  const found = new Map<string, CustodyLine[]>();
  for (const line of events) {
    for (const itemNo of new Set(itemNumbers(line.event))) {
      const own = found.get(itemNo);
      if (own === undefined) found.set(itemNo, [line]);
      else own.push(line);
    }
  }
  return found;
}

/** Each event must take the item up with the digest that the last one left it with. */
function digestFaults(own: readonly CustodyLine[], itemNo: string, final: string): string[] {
  if (own.length === 0) return [`item ${itemNo} has no event`];
  const faults: string[] = [];
  let held: JsonValue = null;
  for (const { number, event } of own) {
    const before = event['digestBefore'] ?? null;
    if (before !== held) {
      faults.push(
        `item ${itemNo}, line ${String(number)}: digestBefore is ${show(before)}, it was ${show(held)}`,
      );
    }
    held = event['digestAfter'] ?? null;
  }
  if (held !== final) faults.push(`item ${itemNo} ends with digest ${show(held)}, the item has ${final}`);
  return faults;
}

function itemNumbers(event: JsonObject): string[] {
  const numbers = event['itemNos'];
  return Array.isArray(numbers) ? numbers.filter((each) => typeof each === 'string') : [];
}

function show(value: JsonValue): string {
  return typeof value === 'string' ? value : 'none';
}
