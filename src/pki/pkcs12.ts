/** PKCS#12 files: how a person keeps key and certificate; opened on the person's machine, never on a gateway. */
import forge from 'node-forge';
import { GatewayError } from '../core/errors.ts';
import { readCertificate } from './thumbprint.ts';
import { readPrivateKey } from './private-key.ts';

export interface Identity {
  readonly certPem: string;
  readonly keyPem: string;
  readonly chain: readonly string[];
}

const ITERATIONS = 10_000;

/** RSA keys only. AES-256 for the key; the caller writes the bytes with `writePrivateFile`. */
export function writePkcs12(identity: Identity, password: string): Buffer {
  if (password.length < 8)
    throw new GatewayError('pki.key-invalid', 'the password must have 8 characters or more');
  const certificates = [identity.certPem, ...identity.chain].map((pem) => forge.pki.certificateFromPem(pem));
  const asn1 = forge.pkcs12.toPkcs12Asn1(
    forge.pki.privateKeyFromPem(identity.keyPem),
    certificates,
    password,
    {
      algorithm: 'aes256',
      count: ITERATIONS,
    },
  );
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary');
}

/** Throws `pki.key-invalid` on a wrong password, a foreign format, or a key without its certificate. */
export function readPkcs12(file: Uint8Array, password: string): Identity {
  const bags = open(file, password);
  const keyPem = keyOf(bags);
  const certificates = certificatesOf(bags);
  const key = readPrivateKey(keyPem);
  const certPem = certificates.find((pem) => readCertificate(pem).checkPrivateKey(key));
  if (certPem === undefined)
    throw new GatewayError('pki.key-invalid', 'the file has no certificate for its key');
  return { certPem, keyPem, chain: certificates.filter((pem) => pem !== certPem) };
}

function open(file: Uint8Array, password: string): forge.pkcs12.Pkcs12Pfx {
  try {
    const asn1 = forge.asn1.fromDer(Buffer.from(file).toString('binary'));
    return forge.pkcs12.pkcs12FromAsn1(asn1, true, password);
  } catch (cause) {
    throw new GatewayError('pki.key-invalid', 'expected a PKCS#12 file and its password', { cause });
  }
}

function keyOf(file: forge.pkcs12.Pkcs12Pfx): string {
  const { pkcs8ShroudedKeyBag, keyBag } = forge.pki.oids;
  const bags = [pkcs8ShroudedKeyBag, keyBag].flatMap((type) =>
    type === undefined ? [] : (file.getBags({ bagType: type })[type] ?? []),
  );
  const key = bags[0]?.key;
  if (bags.length !== 1 || !key)
    throw new GatewayError('pki.key-invalid', 'expected exactly one RSA key in the file');
  return forge.pki.privateKeyInfoToPem(forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key)));
}

function certificatesOf(file: forge.pkcs12.Pkcs12Pfx): string[] {
  const type = forge.pki.oids['certBag'] ?? '';
  const bags = file.getBags({ bagType: type })[type] ?? [];
  return bags.flatMap((bag) => (bag.cert ? [forge.pki.certificateToPem(bag.cert)] : []));
}
