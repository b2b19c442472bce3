/** `lianzheng erasures`: what was erased, and which members have confirmed. */
import { Command } from 'commander';
import type { Schemas } from '../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../api/access.ts';
import { acting, type Cli } from '../cli.ts';

interface Options extends AccessOptions {
  readonly limit: string;
}

export function erasuresCommand(cli: Cli): Command {
  return withAccess(new Command('erasures'))
    .summary('what was erased, and who has confirmed')
    .description(
      'Your own erasures and those that issuers asked this gateway for, newest first. No row holds a value.',
    )
    .option('--limit <n>', 'at most this many rows', '50')
    .addHelpText('after', '\nExample:\n  lianzheng erasures --limit 10')
    .action(
      acting(cli, async ({ limit, ...access }: Options) => {
        const client = await clientOf(cli, access);
        const found = await client.get('/v1/erasures', { query: { limit } });
        const lines = found.erasures.flatMap(erasureLines);
        return { json: found, lines: lines.length === 0 ? ['no erasures'] : lines };
      }),
    );
}

export function erasureLines(erasure: Schemas['Erasure']): readonly string[] {
  const { erasureId, orderedBy, reason, legalBasis, madeAt, features, sightings, receipt } = erasure;
  const why = `${reason} (${legalBasis.join(', ')}), by ${orderedBy}, ${madeAt}`;
  return [
    `${erasureId}  ${why}`,
    `  ${features} features and ${sightings} sightings erased; ledger entry ${receipt.index}`,
    ...erasure.notices.map(({ to, group, state }) => `  ${to} in ${group}: ${state}`),
    ...erasure.notTold.map(({ member, group, code }) => `  ${member} in ${group}: NOT TOLD, ${code}`),
  ];
}
