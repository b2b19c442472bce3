/** `lianzheng evidence request`. */
import { Command } from 'commander';
import type { Schemas } from '../../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, several, type Cli, type Outcome } from '../../cli.ts';
import { requestLine } from './list.ts';

interface Options extends AccessOptions {
  readonly to: string;
  readonly group: string;
  readonly notice: string;
  readonly case: string;
  readonly basis: readonly string[];
  readonly purpose?: string;
  readonly item: readonly string[];
}

const EXAMPLE = `
Name people by a pseudonym that the holder knows: a request is signed for ever.

Example:
  lianzheng evidence request --to bank-a --group evidence-desk --notice '调证字〔2026〕00001号' --case CASE-42 \\
    --basis CPL-54 --item '1=Account statement of subject B02, 2026-01 to 2026-06'`;

export function evidenceRequestCommand(cli: Cli): Command {
  return withAccess(new Command('request'))
    .summary('ask another member for evidence')
    .description('Logs the request and sends it to the member that holds the evidence.')
    .requiredOption('--to <member>', 'member that holds the evidence')
    .requiredOption('--group <group>', 'group under whose grant you ask')
    .requiredOption('--notice <number>', 'number of the 调取证据通知书')
    .requiredOption('--case <ref>', 'your case reference')
    .requiredOption('--basis <basis>', 'legal basis, e.g. CPL-54; give the option once for each', several)
    .option('--purpose <purpose>', 'purpose that the grant lists (default CRIMINAL_INVESTIGATION)')
    .requiredOption('--item <item=description>', 'an item wanted; give the option once for each', several)
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => request(cli, options)));
}

async function request(cli: Cli, options: Options): Promise<Outcome> {
  const client = await clientOf(cli, options);
  const { to, group, notice, basis, purpose } = options;
  const made = await client.post('/v1/evidence-requests', {
    json: {
      to,
      group,
      noticeNo: notice,
      caseRef: options.case,
      legalBasis: [...basis],
      items: options.item.map(itemOf),
      ...(purpose === undefined ? {} : { purpose }),
    },
  });
  return { json: made, lines: [requestLine(made)] };
}

function itemOf(text: string): Schemas['EvidenceRequestDraft']['items'][number] {
  const cut = text.indexOf('=');
  if (cut < 1) throw new Error(`--item ${text}: expected NUMBER=DESCRIPTION`);
  return { item: text.slice(0, cut), description: text.slice(cut + 1) };
}
