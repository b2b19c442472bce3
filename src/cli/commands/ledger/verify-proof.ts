/** `lianzheng ledger verify-proof`: judges a proof file offline. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { readAnchors } from '../../../federation/alliance.ts';
import { verifyLedgerProof, type ProofReport } from '../../../federation/proofs/verify-proof.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { undecided } from '../../failure.ts';
import { readJsonFile } from '../../read-json-file.ts';

const EXAMPLE = `
Trusts nothing but the operators' keys of the anchors file; the registries are in the proof. Keys count as they were
registered on that day, whatever ended or was revoked later. Needs no gateway, no database, no network.
Exit codes: 0 valid, 1 invalid (every failed check is named), 2 could not be checked.

Example:
  lianzheng ledger verify-proof transfer.proof.json --anchors anchors.json`;

export function ledgerVerifyProofCommand(cli: Cli): Command {
  return new Command('verify-proof')
    .summary('verify the proof of one exchange offline')
    .description(
      'Checks registries, keys, checkpoints, inclusion, that the entries of both sides name each other, and what was signed.',
    )
    .argument('<file>', 'what lianzheng ledger proof wrote')
    .requiredOption('--anchors <file>', 'what to trust')
    .addHelpText('after', EXAMPLE)
    .action(
      acting(cli, (file: string, { anchors }: { anchors: string }) => verify(cli, resolve(file), anchors)),
    );
}

async function verify(cli: Cli, file: string, anchorsPath: string): Promise<Outcome> {
  const schemas = cli.hooks.schemas();
  const anchors = await readJsonFile(anchorsPath)
    .then((value) => readAnchors(value, schemas))
    .catch(undecided);
  const report = await verifyLedgerProof(await readFile(file), { anchors, schemas });
  return {
    exitCode: report.ok ? 0 : report.checked ? 1 : 2,
    json: { file, ...report },
    lines: linesOf(report),
  };
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
