/** What an operator builds: the first registry, the next one, and the anchors file for outsiders. */
import type { JsonValue } from '../core/canonical.ts';
import type { SchemaRegistry } from '../wire/schema-registry.ts';
import type { RegistryDocument, VerifiedRegistry } from './registry/registry-document.ts';
import type { OperatorSet, RegistryBody } from './registry/registry-types.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;
const ANCHORS_SCHEMA = 'urn:lianzheng:schema:anchors:1.0.0';

/** What operators decide; serial, prev and times follow from it. */
export type AllianceContent = Omit<RegistryBody, 'serial' | 'prev' | 'issuedAt' | 'expiresAt'>;

export interface IssueTime {
  readonly now: Date;
  /** At most 90. */
  readonly lifetimeDays?: number;
}

/** What an outsider must trust to judge an alliance; `cas` and `registries` are left out of a gateway's own anchors. */
export interface Anchors {
  readonly alliance: string;
  readonly operators: OperatorSet;
  readonly cas?: readonly string[];
  readonly registries?: readonly RegistryDocument[];
}

export function firstRegistry(content: AllianceContent, time: IssueTime): RegistryBody {
  return { ...content, serial: 1, prev: '0'.repeat(64), ...lifetime(time) };
}

/** The registry after `previous`, with the given parts replaced. To be signed by the operators that `previous` names. */
export function nextRegistry(
  previous: Pick<VerifiedRegistry, 'body' | 'sha256'>,
  change: Partial<Omit<AllianceContent, 'alliance'>>,
  time: IssueTime,
): RegistryBody {
  const { body, sha256 } = previous;
  return { ...body, ...change, serial: body.serial + 1, prev: sha256, ...lifetime(time) };
}

/** The anchors of an alliance whose registries are `chain`, from the first to the current. */
export function anchorsOf(chain: readonly VerifiedRegistry[], operators: OperatorSet): Anchors {
  const current = chain.at(-1);
  if (current === undefined) throw new TypeError('an alliance has one registry at least');
  const cas = [...new Set(chain.flatMap((registry) => registry.body.cas))];
  const registries = chain.map((registry) => registry.document);
  return { alliance: current.body.alliance, operators, cas, registries };
}

/** Untrusted only in form: an anchors file comes from the operator's own hand. */
export function readAnchors(value: JsonValue, schemas: SchemaRegistry): Anchors {
  schemas.validate(ANCHORS_SCHEMA, value);
  return value as unknown as Anchors;
}

function lifetime({ now, lifetimeDays = DEFAULT_DAYS }: IssueTime): {
  readonly issuedAt: string;
  readonly expiresAt: string;
} {
  return {
    issuedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + lifetimeDays * DAY_MS).toISOString(),
  };
}
