/** `lianzheng verify`: judges a container offline. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { verifyBundle, type BundleReport } from '../../evidence/verify-bundle.ts';
import { acting, type Cli, type Outcome } from '../cli.ts';
import { undecided } from '../failure.ts';
import { startProgress } from '../terminal/progress.ts';
import { bundleTrust, readTrust } from '../trust.ts';

const EXAMPLE = `
Trusts nothing but the anchors file: {"alliance","operators":{"threshold","keys"},"registries":[…]}. Needs no gateway, no
database, no network. Exit codes: 0 valid, 1 invalid (every failed check is named), 2 could not be checked.

Example:
  lianzheng verify case.asice --anchors anchors.json`;

export function verifyCommand(cli: Cli): Command {
  return new Command('verify')
    .summary('verify a bundle offline')
    .description(
      'Checks a .asice container: archive, bag, manifests, signatures and roles, packet schema, custody chain.',
    )
    .argument('<file>', 'the .asice file')
    .requiredOption('--anchors <file>', 'what to trust')
    .addHelpText('after', EXAMPLE)
    .action(
      acting(cli, (file: string, { anchors }: { anchors: string }) => verify(cli, resolve(file), anchors)),
    );
}

async function verify(cli: Cli, file: string, anchors: string): Promise<Outcome> {
  const schemas = cli.hooks.schemas();
  const trust = await readTrust(anchors, schemas).catch(undecided);
  const progress = startProgress(cli.terminal, { label: 'verify', unit: 'bytes' });
  const report = await verifyBundle(file, bundleTrust(trust, schemas), (done, total) =>
    progress.at(done, total),
  );
  progress.end();
  return {
    exitCode: report.ok ? 0 : report.checked ? 1 : 2,
    json: { file, ...report },
    lines: linesOf(report),
  };
}

function linesOf({ ok, checked, packetId, checks }: BundleReport): string[] {
  const rows = checks.map((check) => {
    const where = check.path === undefined ? '' : `  (${check.path})`;
    return `${check.ok ? 'ok  ' : 'FAIL'}  ${check.code.padEnd(20)} ${check.message}${where}`;
  });
  const verdict = ok ? 'valid' : checked ? 'INVALID' : 'could not be checked';
  return [...rows, `${verdict}${packetId === undefined ? '' : `: packet ${packetId}`}`];
}
