/** Whether a signed draft may become the registry now: signatures, and times that would hurt when they are wrong. */
import { GatewayError } from '../../core/errors.ts';
import { KEY_OVERLAP_SECONDS } from '../ledger-keys.ts';
import type { RegistryBody, VerifiedRegistry } from '../registry/registry-document.ts';
import { signing, type RegistryDraft } from './draft.ts';

/** How far the clocks of two operators may be apart. */
const SKEW_MS = 600_000;

/** Throws `registry.signature-invalid` with how many are missing, or `registry.draft-conflict` on the times. */
export async function demandPublishable(
  draft: RegistryDraft,
  previous: VerifiedRegistry | undefined,
  now: Date,
): Promise<void> {
  const { missing, threshold, signed, unsigned } = await signing(draft, previous);
  if (missing > 0)
    throw new GatewayError(
      'registry.signature-invalid',
      `the draft has ${signed.length} of ${threshold} signatures, ${missing} more needed`,
      { facts: { threshold, signed, unsigned, missing } },
    );
  const { issuedAt, expiresAt } = draft.body;
  if (now.getTime() > Date.parse(expiresAt)) refuse(`the draft has expired at ${expiresAt}`);
  if (now.getTime() < Date.parse(issuedAt) - SKEW_MS) refuse(`it is to be published from ${issuedAt} on`);
  if (previous !== undefined) demandTimelyLedgerKeys(draft.body, previous.body, now);
}

/**
 * A log's old key counts for a day after `issuedAt`. Published later than that, what the member signed with it in the
 * meantime would be judged as signed by a stranger.
 */
function demandTimelyLedgerKeys(next: RegistryBody, previous: RegistryBody, now: Date): void {
  const late = now.getTime() - Date.parse(next.issuedAt) > (KEY_OVERLAP_SECONDS / 2) * 1000;
  if (!late) return;
  const old = new Map(previous.members.map(({ id, ledger }) => [id, ledger.vkey]));
  const changed = next.members.find(({ id, ledger }) => (old.get(id) ?? ledger.vkey) !== ledger.vkey);
  if (changed === undefined) return;
  refuse(
    `it changes the ledger key of ${changed.id} and was issued over ${KEY_OVERLAP_SECONDS / 7200} hours ago; draft it again with --issue-at`,
  );
}

function refuse(message: string): never {
  throw new GatewayError('registry.draft-conflict', message);
}
