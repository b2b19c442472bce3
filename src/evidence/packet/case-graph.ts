/** `case.jsonld`: the packet's facts as a CASE/UCO graph, so that forensic tools can read them. */
import { canonicalBytes, type JsonObject } from '../../core/canonical.ts';
import type { EvidenceItem, Organisation, Packet } from '../packet-types.ts';

const CONTEXT = {
  kb: 'urn:lianzheng:kb:',
  'case-investigation': 'https://ontology.caseontology.org/case/investigation/',
  'uco-core': 'https://ontology.unifiedcyberontology.org/uco/core/',
  'uco-identity': 'https://ontology.unifiedcyberontology.org/uco/identity/',
  'uco-observable': 'https://ontology.unifiedcyberontology.org/uco/observable/',
  'uco-types': 'https://ontology.unifiedcyberontology.org/uco/types/',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
};

export function caseGraph(packet: Packet): JsonObject {
  const graph = {
    '@context': CONTEXT,
    '@graph': [
      {
        '@id': packet.packetId,
        '@type': 'case-investigation:Investigation',
        'uco-core:name': packet.docNo,
        'uco-core:description': packet.caseSummary,
        'case-investigation:focus': packet.suspectedOffences.map(({ code }) => code),
        'case-investigation:relevantAuthorization': packet.legalBasis.map((basis, index) => ({
          '@id': `kb:authorization-${index + 1}`,
          '@type': 'case-investigation:Authorization',
          'case-investigation:authorizationType': basis.instrument,
          'case-investigation:authorizationIdentifier': [basis.article],
        })),
      },
      organisation(packet.sender),
      organisation(packet.receiver),
      ...packet.items.flatMap((item) => provenance(packet, item)),
    ],
  };
  // Through the canonical form: `undefined` and prototypes are gone, what remains is JSON.
  return JSON.parse(canonicalBytes(graph).toString()) as JsonObject;
}

function organisation(organisation: Organisation): JsonObject {
  return {
    '@id': `kb:${organisation.member}`,
    '@type': 'uco-identity:Organization',
    'uco-core:name': organisation.name,
  };
}

function provenance(packet: Packet, item: EvidenceItem): readonly JsonObject[] {
  const file = `kb:item-${item.itemNo}`;
  return [
    {
      '@id': file,
      '@type': 'uco-observable:File',
      'uco-core:hasFacet': [
        {
          '@id': `${file}-file`,
          '@type': 'uco-observable:FileFacet',
          'uco-observable:fileName': item.fileName,
          'uco-observable:sizeInBytes': item.size,
        },
        {
          '@id': `${file}-content`,
          '@type': 'uco-observable:ContentDataFacet',
          'uco-observable:hash': [
            hash(`${file}-sha256`, 'SHA256', item.digests.sha256),
            hash(`${file}-sm3`, 'SM3', item.digests.sm3),
          ],
        },
      ],
    },
    {
      '@id': `${file}-provenance`,
      '@type': 'case-investigation:ProvenanceRecord',
      'case-investigation:exhibitNumber': item.itemNo,
      'uco-core:object': [{ '@id': file }],
      'uco-core:createdBy': { '@id': `kb:${packet.sender.member}` },
    },
  ];
}

function hash(id: string, method: string, value: string): JsonObject {
  return {
    '@id': id,
    '@type': 'uco-types:Hash',
    'uco-types:hashMethod': method,
    'uco-types:hashValue': { '@type': 'xsd:hexBinary', '@value': value.toUpperCase() },
  };
}
