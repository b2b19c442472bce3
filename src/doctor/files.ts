/** Key files: there, closed to others, and belonging together. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createPrivateKey } from 'node:crypto';
import { KEY_FILES, refuseOpenKey, type GatewayConfig } from '../config.ts';
import { readPrivateFile } from '../pki/private-file.ts';
import { readCertificate, x5t } from '../pki/thumbprint.ts';
import { examined, fail, ok, type Finding } from './finding.ts';

export async function examineFiles(config: GatewayConfig): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const name of KEY_FILES) {
    const path = config.keys[name];
    if (path === undefined) continue;
    findings.push(
      ...(await examined(`keys.${name}`, 'make keys with lianzheng enrol gateway', () => {
        refuseOpenKey(path);
        return [ok(`keys.${name}`, `${path} is closed to others`)];
      })),
    );
  }
  const remedy = 'put the certificate that was issued for this key at keys.tlsCert';
  return [...findings, ...(await examined('certificate', remedy, () => examinePair(config)))];
}

async function examinePair({ keys }: GatewayConfig): Promise<readonly Finding[]> {
  const pem = await readFile(keys.tlsCert, 'utf8');
  const certificate = readCertificate(pem);
  const key = createPrivateKey((await readPrivateFile(keys.tlsKey)).toString('utf8'));
  if (certificate.checkPrivateKey(key)) return [ok('certificate', `${x5t(pem)} belongs to keys.tlsKey`)];
  return [
    fail(
      'certificate',
      `${keys.tlsCert} is for another key than ${keys.tlsKey}`,
      existsSync(`${keys.tlsKey}.next`)
        ? 'a next certificate belongs at keys.tlsCert.next, beside keys.tlsKey.next'
        : 'put the certificate that was issued for this key at keys.tlsCert',
    ),
  ];
}
