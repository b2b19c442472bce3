/** `lianzheng queue show`: one delivery, with the peer's signed answer. */
import { Command } from 'commander';
import type { Schemas } from '../../api/api-types.ts';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { acting, type Cli } from '../../cli.ts';

export function queueShowCommand(cli: Cli): Command {
  return withAccess(new Command('show'))
    .summary('one delivery, with the peer’s signed answer')
    .description(
      'State, attempts, what it waits for, and the last answer that the peer signed. Never the content.',
    )
    .argument('<mid>', 'message id (lianzheng deliveries)')
    .addHelpText('after', '\nExample:\n  lianzheng queue show 01987f2e-7c1a-7000-8000-000000000001')
    .action(
      acting(cli, async (id: string, options: AccessOptions) => {
        const client = await clientOf(cli, options);
        const found = await client.get('/v1/deliveries/{id}', { path: { id } });
        return { json: found, lines: deliveryLines(found) };
      }),
    );
}

export function deliveryLines(found: Schemas['DeliveryDetail']): readonly string[] {
  const { mid, state, to, kind, group, attempts, code, outcomeUnknown, answer, waitsFor } = found;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['to', `${to} in ${group}, ${kind}`],
    ['attempts', `${attempts}${outcomeUnknown ? ', the peer may have acted on one' : ''}`],
    ['code', code],
    ['queued', found.createdAt],
    ['first try', found.firstAttemptAt],
    ['last try', found.lastAttemptAt],
    ['next try', found.nextAttemptAt],
    ['expires', found.expiresAt],
    ['closed', found.closedAt],
    ['answered for', found.settledAt],
    ['stream', found.stream],
    ['waits for', waitsFor.length === 0 ? undefined : waitsFor.join(', ')],
    ['evidence', found.hasEvidence ? `lianzheng queue evidence ${mid} --out FILE` : undefined],
    ['peer said', answer && `${answer.status}: ${answer.body.slice(0, 200)}`],
    ['signed as', answer?.token],
  ];
  const shown = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name.padEnd(13)}${value}`],
  );
  return [`${mid}  ${state}`, ...shown];
}
