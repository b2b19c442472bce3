/** Keys and certificates of three members and their officers: made once for all tests of this room. */
import { X509Certificate } from 'node:crypto';
import { createAuthority, type Authority } from '../../src/pki/authority.ts';
import { issueCertificate } from '../../src/pki/issue.ts';
import { generateRsaKey } from '../../src/pki/private-key.ts';
import { createRequest } from '../../src/pki/request.ts';
import { x5t } from '../../src/pki/thumbprint.ts';
import { generateSealKey, type GeneratedKey } from '../../src/wire/jws.ts';

export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly x5t: string;
}

export interface Officer extends Identity {
  readonly member: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export interface MemberKeys {
  readonly tls: Identity;
  readonly seal: GeneratedKey;
}

export interface People {
  readonly ca: Authority;
  readonly members: Readonly<Record<MemberName, MemberKeys>>;
  readonly officers: Readonly<Record<OfficerName, Officer>>;
}

export const memberNames = ['regulator-r', 'police-p', 'bank-a'] as const;
export type MemberName = (typeof memberNames)[number];

const staff = {
  handler1: { member: 'regulator-r', name: '承办人 甲某', roles: ['HANDLER'] },
  handler2: { member: 'regulator-r', name: '承办人 乙某', roles: ['HANDLER'] },
  head: { member: 'regulator-r', name: '负责人 丙某', roles: ['APPROVER'] },
  intake: { member: 'police-p', name: '接收民警 丁某', roles: ['RECEIVER'] },
  clerk: { member: 'police-p', name: '内勤 己某', roles: ['HANDLER'] },
  officer: { member: 'bank-a', name: '行员 戊某', roles: ['PROVIDER'] },
} as const;
export type OfficerName = keyof typeof staff;

const ALLIANCE = 'test';
const DAY_MS = 86_400_000;

let made: Promise<People> | undefined;

export function people(): Promise<People> {
  made ??= make();
  return made;
}

export async function issue(
  ca: Authority,
  profile: 'gateway' | 'officer',
  names: { readonly uri: string; readonly commonName: string },
): Promise<Identity> {
  const key = await generateRsaKey();
  const hosts = profile === 'gateway' ? { dns: ['localhost'], ip: ['127.0.0.1'] } : {};
  const now = Date.now();
  const cert = issueCertificate({
    ca,
    csrPem: createRequest(profile, { commonName: names.commonName }, key),
    profile,
    names: { uri: names.uri, ...hosts },
    nbf: new Date(now - 60_000),
    exp: new Date(now + 80 * DAY_MS),
  });
  return { cert, key, x5t: x5t(new X509Certificate(cert).raw) };
}

async function make(): Promise<People> {
  const ca = await createAuthority({ name: 'Test CA', alliance: ALLIANCE });
  const members = memberNames.map(async (id) => {
    const uri = `urn:lianzheng:${ALLIANCE}:${id}:gw1`;
    const tls = await issue(ca, 'gateway', { uri, commonName: `${id} gw1` });
    return [id, { tls, seal: await generateSealKey() }] as const;
  });
  const officers = Object.entries(staff).map(async ([id, person]) => {
    const uri = `urn:lianzheng:${ALLIANCE}:${person.member}:person:${id}`;
    return [id, { ...person, ...(await issue(ca, 'officer', { uri, commonName: person.name })) }] as const;
  });
  return {
    ca,
    members: Object.fromEntries(await Promise.all(members)) as Record<MemberName, MemberKeys>,
    officers: Object.fromEntries<Officer>(await Promise.all(officers)) as Record<OfficerName, Officer>,
  };
}
