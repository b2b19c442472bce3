/** Writes a ledger into a directory, with progress. */
import { resolve } from 'node:path';
import { exportLedger } from '../../../ledger/serving/export.ts';
import type { Cli, Outcome } from '../../cli.ts';
import type { OpenedLedgerSource } from '../../hooks.ts';
import { startProgress } from '../../terminal/progress.ts';

export async function writeExport(cli: Cli, opened: OpenedLedgerSource, out: string): Promise<Outcome> {
  const directory = resolve(out);
  const progress = startProgress(cli.terminal, { label: 'ledger', unit: 'tiles' });
  try {
    const { size, root } = await exportLedger(opened.source, directory, ({ done, total }) =>
      progress.at(done, total),
    );
    return { json: { directory, size, root }, lines: [`${size} entries, root ${root}, in ${directory}`] };
  } finally {
    progress.end();
    await opened.close();
  }
}
