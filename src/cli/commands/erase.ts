/** `lianzheng erase`: destroys a person's value here, and tells the members that were sent it. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { newId } from '../../core/ids.ts';
import type { Schemas } from '../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../api/access.ts';
import { acting, several, type Cli, type Outcome } from '../cli.ts';
import { erasureLines } from './erasures.ts';

interface Options extends AccessOptions {
  readonly type?: string;
  readonly valueFile?: string;
  readonly feature?: string;
  readonly member?: string;
  readonly reason: string;
  readonly basis: readonly string[];
  readonly id?: string;
}

const REASONS: readonly Schemas['ErasureReason'][] = [
  'purpose-ended',
  'retention-ended',
  'consent-withdrawn',
  'unlawful',
  'incorrect',
  'other',
];

const EXAMPLE = `
The value is read from a file or from standard input, never from the command line: other users of the machine and the
shell's history would see it. One line, in any form a push would take. Exit code 1: done here, but a member that may
hold the value could not be told.

Examples:
  lianzheng erase --type id-card --value-file - --reason purpose-ended --basis PIPL-47
  lianzheng erase --feature 01909f7e-1d5c-7a3b-8e7e-0123456789ab --reason incorrect --basis PIPL-46`;

export function eraseCommand(cli: Cli): Command {
  return withAccess(new Command('erase'))
    .summary("erase a person's value, here and at the members that were sent it")
    .description(
      'Destroys value, salt and look-up of all features of one person’s value (个人信息保护法 47). Ledgers and signed ' +
        'batches stay valid. There is no way back.',
    )
    .option('--type <type>', 'feature type of the value, e.g. phone or id-card')
    .option('--value-file <file>', 'file that holds the value, or - for standard input')
    .option('--feature <id>', 'in place of the value: any feature that has it')
    .option('--member <member>', 'whose feature it is; needed only when two members use one id')
    .requiredOption('--reason <reason>', `why, as the law has it: ${REASONS.join(', ')}`)
    .requiredOption('--basis <basis>', 'legal basis, e.g. PIPL-47; give the option once for each', several)
    .option('--id <uuid>', 'id of an earlier call: to ask again, or to tell members that could not be told')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => erase(cli, options)));
}

async function erase(cli: Cli, options: Options): Promise<Outcome> {
  const client = await clientOf(cli, options);
  const { basis, id = newId() } = options;
  const reason = REASONS.find((known) => known === options.reason);
  if (reason === undefined) throw new Error(`--reason must be one of ${REASONS.join(', ')}`);
  const subject = await subjectOf(options);
  const made = await client.post('/v1/erasures', {
    json: { id, ...subject, reason, legalBasis: [...basis] },
  });
  return { exitCode: made.notTold.length > 0 ? 1 : 0, json: made, lines: erasureLines(made) };
}

async function subjectOf({ type, valueFile, feature, member }: Options) {
  const byValue = type !== undefined && valueFile !== undefined;
  if (byValue === (feature !== undefined)) throw new Error('give --type and --value-file, or --feature');
  if (feature !== undefined) return { featureId: feature, ...(member === undefined ? {} : { member }) };
  return { type: type ?? '', value: await valueIn(valueFile ?? '-') };
}

/** One line; what an editor leaves at its end is no part of it. */
async function valueIn(file: string): Promise<string> {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  const value = content.replace(/^\uFEFF/, '').trim();
  if (value === '' || value.includes('\n')) throw new Error('the value must be one line');
  return value;
}
