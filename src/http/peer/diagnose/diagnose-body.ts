/** The body of a captured request: length, digest, strict JSON. */
import { Readable } from 'node:stream';
import type { JsonValue } from '../../../core/canonical.ts';
import { sha256 } from '../../../core/digest.ts';
import { contentDigestHeader } from '../../../wire/content-digest.ts';
import { checkBody } from '../checks/body.ts';
import type { ExchangeHeaders } from '../checks/headers.ts';
import { checkJson } from '../checks/json-body.ts';
import type { Capture } from './capture.ts';
import type { Noted } from './diagnose.ts';
import { exhaust } from './finding.ts';

const UNWATCHED = { watch: () => () => undefined, onDigest: () => undefined };

/** The value, once it is strict JSON. */
export async function diagnoseBody(
  { body }: Capture,
  headers: ExchangeHeaders,
  { findings, unchecked }: Noted,
): Promise<JsonValue | undefined> {
  if (body === null) {
    unchecked.push('body: the gateway refused before it read it');
    return undefined;
  }
  const { length, digest } = headers;
  await exhaust(
    findings,
    { length, digest },
    {
      check: 'body',
      ask: (announced) => checkBody(Readable.from([body]), announced, UNWATCHED),
      mend: ({ code }, announced) =>
        code === 'exchange.digest-mismatch'
          ? {
              input: { ...announced, digest: sha256(body) },
              expected: contentDigestHeader(announced.digest),
              came: contentDigestHeader(sha256(body)),
            }
          : {
              input: { ...announced, length: body.length },
              expected: `${announced.length} bytes`,
              came: `${body.length} bytes`,
            },
    },
  );
  const parsed = await exhaust(findings, body, {
    check: 'JSON',
    ask: checkJson,
    mend: () => ({ input: undefined }),
  });
  return parsed?.result;
}
