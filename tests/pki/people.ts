/** A small alliance's certificates for the tests of this room: made once, shared. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createAuthority, type Authority } from '../../src/pki/authority.ts';
import { issueCertificate } from '../../src/pki/issue.ts';
import { generateRsaKey } from '../../src/pki/private-key.ts';
import { createRequest } from '../../src/pki/request.ts';

export const run = promisify(execFile);
export const DAY = 86_400_000;

export interface Person {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface People {
  readonly authority: Authority;
  readonly zhang: Person;
  readonly li: Person;
  readonly wang: Person;
}

let made: Promise<People> | undefined;

/** Two handlers and a head of one regulator. */
export function people(): Promise<People> {
  made ??= make();
  return made;
}

async function make(): Promise<People> {
  const authority = await createAuthority({ name: '试验联盟根', alliance: 'test' });
  const [zhang, li, wang] = await Promise.all([
    officer(authority, '张三', 'zhang'),
    officer(authority, '李四', 'li'),
    officer(authority, '王五', 'wang'),
  ]);
  return { authority, zhang, li, wang };
}

export async function officer(ca: Authority, name: string, id: string): Promise<Person> {
  const keyPem = await generateRsaKey();
  const csrPem = createRequest('officer', { commonName: name, organization: '某监管局' }, keyPem);
  const names = { uri: `urn:lianzheng:test:regulator:person:${id}` };
  const nbf = new Date(Date.now() - 60_000);
  const exp = new Date(nbf.getTime() + 365 * DAY);
  return { keyPem, certPem: issueCertificate({ ca, csrPem, profile: 'officer', names, nbf, exp }) };
}

/** An EC P-256 signer of a member's own CA, made by OpenSSL: node-forge makes no EC certificates. */
export async function ecOfficer(): Promise<Person & { readonly caPem: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'lz-ec-'));
  const at = (name: string): string => join(directory, name);
  await writeFile(
    at('officer.cnf'),
    'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n' +
      'extendedKeyUsage=emailProtection\nsubjectAltName=URI:urn:lianzheng:test:regulator:person:zhao\n',
  );
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const caArgs = ['-subj', '/CN=Own CA', '-days', '30', '-keyout', at('ca.key'), '-out', at('ca.crt')];
  await run('openssl', ['req', '-x509', ...ec, ...caArgs]);
  await run('openssl', ['req', ...ec, '-subj', '/CN=Zhao', '-keyout', at('k.pem'), '-out', at('r.csr')]);
  const signing = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '20'];
  await run('openssl', [
    ...['x509', '-req', '-in', at('r.csr'), ...signing],
    ...['-extfile', at('officer.cnf'), '-out', at('c.pem')],
  ]);
  const [certPem, keyPem, caPem] = await Promise.all(
    ['c.pem', 'k.pem', 'ca.crt'].map((name) => readFile(at(name), 'utf8')),
  );
  return { certPem: certPem ?? '', keyPem: keyPem ?? '', caPem: caPem ?? '' };
}
