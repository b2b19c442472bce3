/** What contradicts the registries that we hold: another payload, or a statement for another payload, under one serial. */
import type { JsonValue } from '../../../core/canonical.ts';
import { isGatewayError } from '../../../core/errors.ts';
import { checkFreshness, type FreshnessStatement } from '../freshness.ts';
import { claimedSerial, type ChainTrust } from '../registry-chain.ts';
import { readRegistry } from '../registry-document.ts';
import type { HeldRegistries, HeldRegistry } from './held-registries.ts';
import type { RegistryAlarm } from './registry-alarms.ts';
import type { RegistrySource } from './registry-store.ts';

export interface Comparison {
  readonly held: HeldRegistries;
  readonly current: HeldRegistry;
  readonly trust: ChainTrust;
  readonly source: RegistrySource;
}

/** A publication reaches the signer and us at different moments: a statement for the old one is no rollback so soon. */
const SETTLING_MS = 600_000;

/** Untrusted document of a serial that we hold. Undefined when it is the one we hold; throws `registry.*` when nobody signed it. */
export async function contradiction(
  document: JsonValue,
  { held, current, trust, source }: Comparison,
): Promise<RegistryAlarm | undefined> {
  const serial = claimedSerial(document);
  const ours = held.at(serial);
  const operators = held.at(serial - 1)?.body.operators ?? trust.operators;
  const read = await readRegistry(document, operators, trust.schemas);
  if (ours?.sha256 === read.sha256) return undefined;
  return {
    code: ours === undefined ? 'registry.rollback' : 'registry.fork',
    serial: read.body.serial,
    sha256: read.sha256,
    document: JSON.stringify(read.document),
    source,
    heldSha256: ours?.sha256 ?? null,
    stopsTraffic: ours !== undefined && (await byOperatorsOf(document, current, trust)),
  };
}

/** Keys that are operators' no more may have been stolen since: they raise an alarm, but stop nobody. */
async function byOperatorsOf(
  document: JsonValue,
  { body }: HeldRegistry,
  trust: ChainTrust,
): Promise<boolean> {
  try {
    await readRegistry(document, body.operators, trust.schemas);
    return true;
  } catch (error) {
    if (isGatewayError(error, 'registry.signature-invalid')) return false;
    throw error;
  }
}

export interface Statement {
  readonly about: HeldRegistry;
  readonly current: HeldRegistry;
  readonly trust: ChainTrust;
  readonly source: RegistrySource;
}

/** Untrusted freshness statement about a registry that we hold. Throws `registry.*` when its signer did not make it. */
export async function statedContradiction(
  document: JsonValue,
  { about, current, trust, source }: Statement,
): Promise<{ readonly statement: FreshnessStatement; readonly alarm?: RegistryAlarm }> {
  const statement = await checkFreshness(document, about.view, trust.schemas);
  const evidence = {
    serial: statement.serial,
    sha256: statement.sha256,
    document: JSON.stringify(document),
    source,
    heldSha256: about.sha256,
  };
  if (statement.sha256 !== about.sha256) {
    return {
      statement,
      alarm: { ...evidence, code: 'registry.stated-fork', stopsTraffic: about === current },
    };
  }
  const late = Date.parse(statement.issuedAt) - current.since.getTime();
  if (about === current || late <= SETTLING_MS) return { statement };
  return { statement, alarm: { ...evidence, code: 'registry.rollback', stopsTraffic: false } };
}

/** A directory whose newest registry is older than one that we had from it has been set back. */
export function setBack(
  held: HeldRegistries,
  { source, highest }: { readonly source: RegistrySource; readonly highest: number },
): RegistryAlarm | undefined {
  const served = held.at(highest);
  const had = held.all().findLast((registry) => registry.source === source);
  if (had === undefined || served === undefined || highest >= had.body.serial) return undefined;
  return {
    code: 'registry.rollback',
    serial: highest,
    sha256: served.sha256,
    document: JSON.stringify(served.document),
    source,
    heldSha256: had.sha256,
    stopsTraffic: false,
  };
}
