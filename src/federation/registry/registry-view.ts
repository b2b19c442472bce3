/** One adopted registry with the look-ups of the hot path. */
import type { CertificateThumbprint, GroupId, KeyId, MemberId } from '../../core/ids.ts';
import type { VerificationKey } from '../../wire/jws.ts';
import { openGroup, type GroupOpenings } from './hidden-groups.ts';
import type {
  Grant,
  RegistryBody,
  RegistryGroup,
  RegistryMember,
  Revocation,
  Validity,
} from './registry-types.ts';

export interface RegisteredCertificate extends Validity {
  readonly member: MemberId;
  readonly authority: string;
  readonly revoked?: Revocation;
}

export interface RegisteredKey extends VerificationKey, Validity {
  readonly member: MemberId;
  readonly revoked?: Revocation;
}

export interface RegisteredSigner extends Validity {
  readonly member: MemberId;
  readonly roles: readonly string[];
  readonly revoked?: Revocation;
}

export interface RegistryView {
  readonly serial: number;
  /** SHA-256 of the payload bytes, hex. */
  readonly sha256: string;
  readonly body: RegistryBody;
  member(id: MemberId): RegistryMember | undefined;
  /** Whether the member is registered and active. */
  active(id: MemberId): boolean;
  /** A gateway certificate by thumbprint, whatever its validity: the caller checks nbf, exp and revoked. */
  certificate(x5t: CertificateThumbprint): RegisteredCertificate | undefined;
  /** A seal key (use `seal`), whatever its validity. */
  sealKey(member: MemberId, kid: KeyId): RegisteredKey | undefined;
  /** A hidden group that is not opened here does not exist. */
  group(id: GroupId): RegistryGroup | undefined;
  inGroup(group: GroupId, member: MemberId): boolean;
  grantsOf(group: GroupId): readonly Grant[];
  signer(x5t: CertificateThumbprint): RegisteredSigner | undefined;
  /** The first gateway's authority. */
  authorityOf(member: MemberId): string | undefined;
  /** The registered digest of a schema. */
  schema(id: string): string | undefined;
}

export interface ViewedRegistry {
  readonly body: RegistryBody;
  readonly sha256: string;
  /** Of hidden groups that the viewer is in. Default none. */
  readonly openings?: readonly GroupOpenings[];
}

export function createRegistryView({ body, sha256, openings = [] }: ViewedRegistry): RegistryView {
  const members = new Map(body.members.map((member) => [member.id, member]));
  const open = body.groups.flatMap((group) => openGroup(body.alliance, group, openings) ?? []);
  const groups = new Map(open.map((group) => [group.id, group]));
  const memberships = new Map(open.map((group) => [group.id, new Set(group.members)]));
  const schemas = new Map(body.schemas.map((schema) => [schema.id, schema.sha256]));
  const certificates = certificatesOf(body);
  const keys = keysOf(body);
  const signers = signersOf(body);
  const grants = grantsByGroup(body.grants);
  return {
    serial: body.serial,
    sha256,
    body,
    member: (id) => members.get(id),
    active: (id) => members.get(id)?.status === 'active',
    certificate: (x5t) => certificates.get(x5t),
    sealKey: (member, kid) => keys.get(`${member} ${kid}`),
    group: (id) => groups.get(id),
    inGroup: (group, member) => memberships.get(group)?.has(member) ?? false,
    grantsOf: (group) => (groups.has(group) ? (grants.get(group) ?? []) : []),
    signer: (x5t) => signers.get(x5t),
    authorityOf: (id) => members.get(id)?.gateways[0]?.authority,
    schema: (id) => schemas.get(id),
  };
}

/** Whether something registered with this validity and revocation counts at `at` (POSIX seconds), judged now. */
export function validAt(
  registered: Validity & { readonly revoked?: Revocation | undefined },
  at: number,
): boolean {
  if (at < registered.nbf || at > registered.exp) return false;
  const revoked = registered.revoked;
  if (revoked === undefined) return true;
  return revoked.reason === 'superseded' && at <= Math.floor(Date.parse(revoked.at) / 1000);
}

function certificatesOf(body: RegistryBody): ReadonlyMap<string, RegisteredCertificate> {
  const found = new Map<string, RegisteredCertificate>();
  for (const member of body.members) {
    for (const { authority, certs } of member.gateways) {
      for (const { x5t, ...rest } of certs) found.set(x5t, { ...rest, member: member.id, authority });
    }
  }
  return found;
}

/** Keyed by member and kid: a kid alone never identifies a key (reference/security.md T9). */
function keysOf(body: RegistryBody): ReadonlyMap<string, RegisteredKey> {
  const found = new Map<string, RegisteredKey>();
  for (const member of body.members) {
    for (const key of member.keys) {
      if (key.use !== 'seal') continue;
      const { kid, alg, jwk, nbf, exp, revoked } = key;
      const registered = { member: member.id, kid, alg, jwk, nbf, exp };
      found.set(`${member.id} ${kid}`, revoked === undefined ? registered : { ...registered, revoked });
    }
  }
  return found;
}

function signersOf(body: RegistryBody): ReadonlyMap<string, RegisteredSigner> {
  const found = new Map<string, RegisteredSigner>();
  for (const member of body.members) {
    for (const { x5t, ...rest } of member.signers) found.set(x5t, { ...rest, member: member.id });
  }
  return found;
}

function grantsByGroup(grants: readonly Grant[]): ReadonlyMap<GroupId, readonly Grant[]> {
  const found = new Map<GroupId, Grant[]>();
  for (const grant of grants) found.set(grant.group, [...(found.get(grant.group) ?? []), grant]);
  return found;
}
