/** A draft in words: what changes against the published registry, and whose signatures it has. */
import { differences, type Difference } from '../../../federation/drafting/differences.ts';
import { signing, type RegistryDraft, type SigningState } from '../../../federation/drafting/draft.ts';
import { readPolicy } from '../../../ledger/witness/policy.ts';
import type { VerifiedRegistry } from '../../../federation/registry/registry-document.ts';
import type { RegistryBody } from '../../../federation/registry/registry-types.ts';

export interface ShownDraft {
  readonly serial: number;
  readonly sha256: string;
  readonly changes: readonly Difference[];
  readonly notes: readonly string[];
  readonly signing: SigningState;
}

export async function shownDraft(
  draft: RegistryDraft,
  previous: VerifiedRegistry | undefined,
): Promise<ShownDraft> {
  const { body, sha256 } = draft;
  return {
    serial: body.serial,
    sha256,
    changes: differences(previous?.body ?? nothingOf(body), body),
    notes: silentWitnesses(body),
    signing: await signing(draft, previous),
  };
}

export function draftLines({
  serial,
  sha256,
  changes,
  notes,
  signing: state,
}: ShownDraft): readonly string[] {
  return [
    `draft of registry ${serial} (${sha256})`,
    ...changes.flatMap(({ text }) => text.split('\n').map((line) => `  ${line}`)),
    ...notes.map((note) => `  note: ${note}`),
    signingLine(state),
  ];
}

export function signingLine({ threshold, signed, missing }: SigningState): string {
  const count = `${signed.length} of ${threshold} signatures`;
  if (missing === 0) return `${count}: can be published`;
  return `${count}: ${missing} more needed`;
}

/** What a first registry is compared with: the same operators, nobody else. */
function nothingOf(body: RegistryBody): RegistryBody {
  const freshnessKey = { ...body.freshnessKey, kid: 'none' };
  return {
    ...{
      ...body,
      freshnessKey,
      operators: { threshold: 0, keys: [] },
      cas: [],
      members: [],
      groups: [],
      grants: [],
      witnessPolicy: null,
    },
    ...{ issuedAt: 'never', expiresAt: 'never' },
  };
}

/** A witness that is no active member counts as silent: enough of them keep every ledger waiting. */
function silentWitnesses(body: RegistryBody): readonly string[] {
  if (body.witnessPolicy === null) return [];
  const active = new Set(
    body.members.flatMap(({ status, ledger }) => (status === 'active' ? (ledger.witnessVkey ?? []) : [])),
  );
  return readPolicy(body.witnessPolicy)
    .witnesses.filter(({ vkey }) => !active.has(vkey))
    .map(({ name }) => `witness ${name} of the policy is no active member's and counts as silent`);
}
