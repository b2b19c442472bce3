/** The form of an envelope's content, as schemas/envelope.json describes it. */
import type { JsonValue } from '../core/canonical.ts';
import { MEMBER_ID, UUID_V7 } from '../core/ids.ts';
import { count, isObject, listOf, members, misfit, text, type Form } from './json/json-form.ts';

const digest = text(/^[0-9a-f]{64}$/);
const words = text(/^[^\p{Cc}]{1,256}$/u);

const contentForms: Readonly<Record<string, Form>> = {
  id: text(UUID_V7),
  kind: text(/^[a-z][a-z0-9-]{0,63}$/),
  version: (value) => value === 1,
  issuer: text(MEMBER_ID),
  group: text(MEMBER_ID),
  createdAt: text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  purpose: words,
  legalBasis: listOf(words, 32),
  schema: members({
    id: text(/^urn:lianzheng:schema:[a-z0-9.-]{1,64}:\d{1,4}\.\d{1,4}\.\d{1,4}$/),
    sha256: digest,
  }),
  registry: members({ serial: count, sha256: digest }),
  body: isObject,
};

/** The first member of an envelope's content that is missing, unknown or malformed. */
export function envelopeMisfit(value: JsonValue): string | undefined {
  return isObject(value) ? misfit(value, contentForms) : 'content';
}
