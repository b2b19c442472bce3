/** Whether a registry follows another: serial, prev, operators of the one before, member keys. */
import type { JsonValue } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import { checkKeyChanges } from './key-change.ts';
import { remember, type KeyMemory } from './key-memory.ts';
import { readRegistry, type VerifiedRegistry } from './registry-document.ts';
import type { OperatorSet } from './registry-types.ts';

export interface ChainTrust {
  readonly alliance: string;
  /** Operators that must have signed the first document of the chain. */
  readonly operators: OperatorSet;
  readonly schemas: SchemaRegistry;
}

/** Untrusted documents in any order → verified registries by rising serial. The first is trusted by the anchors alone. */
export async function readRegistryChain(
  documents: readonly JsonValue[],
  trust: ChainTrust,
): Promise<readonly VerifiedRegistry[]> {
  const sorted = [...documents].sort((a, b) => claimedSerial(a) - claimedSerial(b));
  const chain: VerifiedRegistry[] = [];
  for (const document of sorted) chain.push(await readNext(document, chain.at(-1), trust));
  return chain;
}

/** Reads the document that should follow `previous`; throws the `registry.*` code of the rule it breaks. */
export async function readNext(
  document: JsonValue,
  previous: VerifiedRegistry | undefined,
  trust: ChainTrust,
): Promise<VerifiedRegistry> {
  const operators = previous?.body.operators ?? trust.operators;
  const next = await readRegistry(document, operators, trust.schemas);
  if (next.body.alliance !== trust.alliance) {
    throw new GatewayError('registry.invalid', `registry is of alliance ${next.body.alliance}`);
  }
  if (previous !== undefined) await demandFollows(next, previous);
  return { ...next, memory: remember(next.body, previous && memoryOf(previous)) };
}

/** Throws `registry.chain-broken` unless serial, prev and every member's keys follow. */
export async function demandFollows(next: VerifiedRegistry, previous: VerifiedRegistry): Promise<void> {
  const facts = { serial: next.body.serial, previous: previous.body.serial };
  if (next.body.serial !== previous.body.serial + 1 || next.body.prev !== previous.sha256) {
    throw new GatewayError('registry.chain-broken', undefined, { facts });
  }
  await checkKeyChanges(next.body, memoryOf(previous));
}

/** A registry that was not read as part of a chain remembers itself only. */
function memoryOf({ memory, body }: VerifiedRegistry): KeyMemory {
  return memory ?? remember(body);
}

/** Reads the serial without trusting it: used to sort and to tell a fork from a successor. NaN when there is none. */
export function claimedSerial(document: JsonValue): number {
  try {
    const { payload } = document as { readonly payload: string };
    const body = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { serial?: unknown };
    return typeof body.serial === 'number' ? body.serial : Number.NaN;
  } catch {
    return Number.NaN;
  }
}
