/** Well-formed messages that no grant permits, and disclosures that do not fit what was signed. */
import { newId } from '../../../src/core/ids.ts';
import { AUDIT_GROUP, EVIDENCE_GROUP, TRANSFER_GROUP } from '../../../src/demo/cast.ts';
import { newDisclosure } from '../../../src/wire/disclosure.ts';
import { personalFeature, type Change } from '../forge.ts';
import type { Case, Cases } from '../refusal.ts';
import type { WireWorld } from '../wire-world.ts';

const refused = (name: string, content: Change['content'] & object): Case => [
  name,
  'grant.refused',
  { content },
];

function packetOffer({ schemas }: WireWorld): Change {
  const id = 'urn:lianzheng:schema:packet-offer:1.0.0';
  const sha256 = '0'.repeat(64);
  const body = {
    packetId: newId(),
    packetType: 'CASE_TRANSFER',
    docNo: '1',
    bundle: { sha256, size: 1, partSize: 1_048_576, parts: [sha256] },
    manifestSha256: sha256,
  };
  return { content: { kind: 'packet-offer', schema: { id, sha256: schemas.digest(id) }, body } };
}

export const grantCases: Cases = {
  signed: [
    refused('a group that the sender is not in', { group: TRANSFER_GROUP }),
    refused('a group that the receiver is not in', { group: EVIDENCE_GROUP }),
    refused('a group without a grant for this', { group: AUDIT_GROUP }),
    refused('a group that does not exist', { group: 'no-such-group' }),
    refused('a purpose that is not granted', { purpose: 'MARKETING' }),
    refused('a legal basis that is not granted', { legalBasis: ['PIPL-99'] }),
    refused('a granted legal basis beside one that is not', { legalBasis: ['PIPL-13', 'PIPL-99'] }),
    refused('no legal basis at all', { legalBasis: [] }),
    ['a grade above the grant', 'grant.refused', { feature: { grade: 4 } }],
    ['a kind that is not granted', 'grant.refused', packetOffer],
  ],
};

type Personal = ReturnType<typeof personalFeature>;
const disclosed = (name: string, give: (made: Personal) => Change['disclosures']): Case => [
  name,
  'envelope.disclosure-invalid',
  (world) => {
    const made = personalFeature(world);
    const disclosures = give(made);
    return {
      content: { body: { features: [made.feature] } },
      ...(disclosures === undefined ? {} : { disclosures }),
    };
  },
];

export const disclosureCases: Cases = {
  signed: [
    disclosed('another value than was committed to', ({ disclosure }) => [
      { ...disclosure, value: '+8613900139000' },
    ]),
    disclosed('another salt', ({ disclosure }) => [newDisclosure(disclosure.value)]),
    disclosed('no disclosure', () => undefined),
    disclosed('a disclosure too many', ({ disclosure }) => [disclosure, newDisclosure('x')]),
    disclosed('a disclosure twice', ({ disclosure }) => [disclosure, disclosure]),
    [
      'a disclosure of nothing that was committed to',
      'envelope.disclosure-invalid',
      { disclosures: [newDisclosure('+8613800138000')] },
    ],
    [
      'a value that is not in its normal form',
      'feature.invalid',
      (world) => {
        const { feature, disclosure } = personalFeature(world, '13800138000');
        return { content: { body: { features: [feature] } }, disclosures: [disclosure] };
      },
    ],
  ],
};
