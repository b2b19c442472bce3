/** Certificate profiles: what each kind of certificate may do, read from certs/profiles.json. */
import { existsSync, readFileSync } from 'node:fs';

export type IssuedProfile = 'gateway' | 'officer';
export type ProfileName = 'authority' | IssuedProfile;

export interface CertificateProfile {
  readonly purpose: string;
  /** Longest life in days of 24 hours. */
  readonly maxDays: number;
  readonly keyUsage: readonly string[];
  readonly extKeyUsage: readonly string[];
  /** Regular expression that the SAN URI must match. */
  readonly uri: string;
  readonly hosts: 'required' | 'none';
}

interface ProfileFile {
  readonly key: { readonly type: 'RSA'; readonly bits: number; readonly digest: 'sha256' };
  readonly profiles: Readonly<Record<ProfileName, CertificateProfile>>;
}

const file = readProfiles();

export const RSA_BITS = file.key.bits;

export function certificateProfile(name: ProfileName): CertificateProfile {
  return file.profiles[name];
}

/** certs/ stands at the package's top, one floor further up when the program runs compiled. */
function readProfiles(): ProfileFile {
  const places = ['../../certs/profiles.json', '../../../certs/profiles.json'];
  const found = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url));
  if (found === undefined) throw new Error('certs/profiles.json is missing: reinstall the package');
  return JSON.parse(readFileSync(found, 'utf8')) as ProfileFile;
}
