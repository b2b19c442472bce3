/** `lianzheng screen`: applicants against the shared features, before money leaves. */
import { Command } from 'commander';
import type { Schemas } from '../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../api/access.ts';
import { acting, type Cli, type Outcome } from '../cli.ts';
import { readJsonFile } from '../read-json-file.ts';

type Subjects = Schemas['ScreeningRequest']['subjects'];
type Result = Schemas['ScreeningResult'];

interface Options extends AccessOptions {
  readonly group?: string;
  readonly purpose: string;
  readonly case: string;
}

const EXAMPLE = `
FILE holds the subjects, up to 1,000:
  [{"ref":"applicant-1","features":[{"type":"phone","value":"13800000000"}]}]
The gateway recommends pass, review or block; a person decides. The exit code is 0 whatever is recommended.

Example:
  lianzheng screen applicants.json --group broker-features --purpose RISK_PREVENTION --case LOAN-2026-000123`;

export function screenCommand(cli: Cli): Command {
  return withAccess(new Command('screen'))
    .summary('screen applicants against the shared features')
    .description(
      "Asks the gateway's own copy of the features; nothing about the applicants leaves the member.",
    )
    .argument('<file>', 'JSON file of the subjects')
    .option('--group <group>', 'only this sharing group; default all that a grant permits')
    .requiredOption('--purpose <purpose>', 'purpose that the grant lists')
    .requiredOption('--case <ref>', 'your own reference of the application')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (file: string, options: Options) => screen(cli, file, options)));
}

async function screen(cli: Cli, file: string, options: Options): Promise<Outcome> {
  const client = await clientOf(cli, options);
  const { group, purpose } = options;
  const report = await client.post('/v1/screenings', {
    json: {
      ...(group === undefined ? {} : { group }),
      purpose,
      caseRef: options.case,
      subjects: await readSubjects(file),
    },
  });
  return { json: report, lines: [...report.results.flatMap(resultLines), `screening ${report.id}`] };
}

/** The gateway holds them against the contract. */
async function readSubjects(file: string): Promise<Subjects> {
  const value = await readJsonFile(file);
  const list = Array.isArray(value) ? value : (value as { readonly subjects?: unknown } | null)?.subjects;
  return list as Subjects;
}

function resultLines({ ref, outcome, members, confidence, reasons }: Result): string[] {
  return [
    `${outcome.padEnd(6)}  ${ref}  (confidence ${confidence}, ${members} members)`,
    ...reasons.map(
      (reason) => `        ${reason.code}: ${reason.zh ?? reason.en ?? ''} [${reason.featureId}]`,
    ),
  ];
}
