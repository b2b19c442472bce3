/** `lianzheng ledger verify-proof`: judges a proof file offline. */
import { Command } from 'commander';
import { verifyLedgerProof, type ProofReport } from '../../../federation/proofs/verify-proof.ts';
import type { Cli } from '../../cli.ts';
import { judgingFile } from '../../judge-file.ts';

const EXAMPLE = `
Trusts nothing but the operators' keys of the anchors file; the registries are in the proof. Keys count as they were
registered on that day, whatever ended or was revoked later. Needs no gateway, no database, no network.
Exit codes: 0 valid, 1 invalid (every failed check is named), 2 could not be checked.

Example:
  lianzheng ledger verify-proof transfer.proof.json --anchors anchors.json`;

export function ledgerVerifyProofCommand(cli: Cli): Command {
  const command = new Command('verify-proof')
    .summary('verify the proof of one exchange offline')
    .description(
      'Checks registries, keys, checkpoints, inclusion, that the entries of both sides name each other, and what was signed.',
    )
    .argument('<file>', 'what lianzheng ledger proof wrote')
    .addHelpText('after', EXAMPLE);
  return judgingFile(cli, command, { verify: verifyLedgerProof, linesOf });
}

function linesOf({ ok, checked, checks, proves, facts }: ProofReport): string[] {
  const rows = checks.map(
    (check) => `${check.ok ? 'ok  ' : 'FAIL'}  ${check.code.padEnd(20)} ${check.message}`,
  );
  const shown = facts.map(
    ({ part, at, member, origin, index, size }) =>
      `      ${part.padEnd(20)} ${at} ${member}: entry ${index} of ${size}, ${origin}`,
  );
  const verdict = ok ? `valid: ${proves.join('; ')}` : checked ? 'INVALID' : 'could not be checked';
  return [...rows, ...shown, verdict];
}
