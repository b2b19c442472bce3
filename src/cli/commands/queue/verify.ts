/** `lianzheng queue verify`: judges the statement that a message did not arrive, offline. */
import { Command } from 'commander';
import {
  verifyUndelivered,
  type UndeliveredReport,
} from '../../../federation/undelivered/verify-evidence.ts';
import type { Cli } from '../../cli.ts';
import { judgingFile } from '../../judge-file.ts';

const EXAMPLE = `
Trusts nothing but the operators' keys of the anchors file. Shows that the member stated this then and could not have put it
into its ledger later; whether it is true is for its reader, except where the peer's own signed word stands beside it.
Exit codes: 0 valid, 1 invalid (every failed check is named), 2 could not be checked.

Example:
  lianzheng queue verify undelivered.json --anchors anchors.json`;

export function queueVerifyCommand(cli: Cli): Command {
  const command = new Command('verify')
    .summary('verify such a statement offline')
    .description(
      'Checks registries, the seal key of that day, the entries in the ledger and the peer’s answer.',
    )
    .argument('<file>', 'what lianzheng queue evidence wrote')
    .addHelpText('after', EXAMPLE);
  return judgingFile(cli, command, { verify: verifyUndelivered, linesOf });
}

function linesOf({ ok, checks, statement, member }: UndeliveredReport): readonly string[] {
  const rows = checks.map(
    (check) => `${check.ok ? 'ok  ' : 'FAIL'}  ${check.code.padEnd(12)} ${check.message}`,
  );
  if (!ok || statement === undefined) return [...rows, 'INVALID'];
  const said = Object.entries(statement).map(
    ([name, value]) =>
      `      ${name.padEnd(16)} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [...rows, ...said, `valid: stated by ${member ?? ''}`];
}
