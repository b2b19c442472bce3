/** Whom an auditor believes: the logs' keys and when they were valid, and the registries of the alliance. */
import { isGatewayError } from '../../core/errors.ts';
import { verifyNote } from '../notes/note.ts';
import type { WitnessPolicy } from '../witness/policy.ts';
import type { Findings } from './report.ts';

export interface TrustedKey {
  readonly vkey: string;
  /** RFC 3339. */
  readonly nbf?: string;
  readonly exp?: string;
}

export interface TrustedLedger {
  readonly member: string;
  readonly origin: string;
  readonly vkeys: readonly TrustedKey[];
}

export interface LedgerTrust {
  readonly ledgers: readonly TrustedLedger[];
  /** Serial to SHA-256 of the registry's payload, hex. */
  readonly registryDigests: ReadonlyMap<number, string>;
  /** Whose cosignatures are looked for; missing: nobody's. */
  readonly witnesses?: WitnessPolicy;
}

/**
 * Checks a checkpoint's signature, and that its key was registered when the last entry below it was made: a checkpoint
 * has no time of its own.
 */
export function checkSignature(
  signed: { readonly note: string; readonly lastEntryAt: string | undefined },
  ledger: TrustedLedger,
  findings: Findings,
): void {
  const signers = signersOf(signed.note, ledger, findings);
  const at = signed.lastEntryAt === undefined ? undefined : Date.parse(signed.lastEntryAt);
  if (signers.length === 0 || at === undefined) return;
  if (signers.some((key) => wasValid(key, at))) return;
  const message = `no key that signed the checkpoint was registered at ${signed.lastEntryAt}`;
  findings.add({ class: 'key-not-valid-then', message });
}

function signersOf(note: string, ledger: TrustedLedger, findings: Findings): TrustedKey[] {
  try {
    const { signers } = verifyNote(
      note,
      ledger.vkeys.map((key) => key.vkey),
    );
    return ledger.vkeys.filter((key) => signers.includes(key.vkey));
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    findings.add({ class: 'signature', message: error.message });
    return [];
  }
}

function wasValid(key: TrustedKey, at: number): boolean {
  return (
    (key.nbf === undefined || at >= Date.parse(key.nbf)) &&
    (key.exp === undefined || at < Date.parse(key.exp))
  );
}
