/** ASiCManifest001.xml (ETSI EN 319 162-1, A.4): the file that people sign; it carries the SHA-256 of every other. */
import { GatewayError } from '../../core/errors.ts';
import { nameFault, SIGNATURE } from './names.ts';

export interface DataReference {
  /** Name in the container. */
  readonly name: string;
  /** Hex. */
  readonly sha256: string;
}

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">\n' +
  `  <asic:SigReference URI="${SIGNATURE}" MimeType="application/pkcs7-signature"/>\n`;
const TAIL = '</asic:ASiCManifest>\n';
const METHOD = '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>';
const REFERENCE =
  /<asic:DataObjectReference URI="([^"]{1,240})">.*?<ds:DigestValue>([^<]{44})<\/ds:DigestValue>/g;

/** Names follow `nameFault`, so nothing in them needs escaping in XML or in a URI. */
export function writeAsicManifest(references: readonly DataReference[]): Buffer {
  return Buffer.from(HEAD + references.map(element).join('') + TAIL, 'ascii');
}

/**
 * Untrusted input. Reads only what `writeAsicManifest` writes, byte for byte: with a general XML parser, entities,
 * comments or another encoding would let two readers see two manifests under one signature. Throws `bundle.invalid`.
 */
export function readAsicManifest(content: Buffer): DataReference[] {
  const references = [...content.toString('latin1').matchAll(REFERENCE)].map(
    ([, name = '', digest = '']) => ({
      name,
      sha256: Buffer.from(digest, 'base64').toString('hex'),
    }),
  );
  const fault = references.find(({ name }) => nameFault(name) !== undefined);
  if (fault !== undefined || !writeAsicManifest(references).equals(content)) {
    throw new GatewayError('bundle.invalid', 'the manifest differs from the one form of this profile');
  }
  return references;
}

function element({ name, sha256 }: DataReference): string {
  const value = Buffer.from(sha256, 'hex').toString('base64');
  return (
    `  <asic:DataObjectReference URI="${name}">${METHOD}` +
    `<ds:DigestValue>${value}</ds:DigestValue></asic:DataObjectReference>\n`
  );
}
