/** Edits of who is a member: admit, suspend, reinstate, revoke. */
import type {
  GatewayCertificate,
  MemberKey,
  RegistryBody,
  RegistryLedger,
  RegistryMember,
  RegistrySigner,
  Revocation,
} from '../registry/registry-types.ts';
import type { Edit } from './draft.ts';
import { memberOf, refuseEdit, withMember } from './edit.ts';

export type Particulars = Pick<RegistryMember, 'id' | 'name' | 'uscc' | 'region' | 'level' | 'roles'>;

export interface Admission {
  readonly particulars: Particulars;
  readonly authority: string;
  readonly certificate: GatewayCertificate;
  readonly keys: readonly MemberKey[];
  readonly ledger: RegistryLedger;
  readonly groups: readonly string[];
  /** PEM of the member's own CA, when it has one. */
  readonly ca?: string | undefined;
}

/** A new member, active at once. One that was ever listed comes back by `reinstate` or `recover`. */
export function admit(admission: Admission): Edit {
  return (body) => {
    const { particulars, authority, certificate, keys, ledger, groups, ca } = admission;
    if (body.members.some(({ id }) => id === particulars.id))
      refuseEdit(`${particulars.id} is listed already; see lianzheng alliance rotate, reinstate and recover`);
    const member: RegistryMember = {
      ...particulars,
      status: 'active',
      gateways: [{ authority, certs: [certificate] }],
      keys,
      signers: [],
      ledger,
    };
    const listed: RegistryBody = {
      ...body,
      members: [...body.members, member],
      cas: withAuthority(body.cas, ca),
    };
    return groups.reduce(
      (edited: RegistryBody, group) => withGroupMember(edited, group, particulars.id),
      listed,
    );
  };
}

export function withAuthority(cas: readonly string[], ca: string | undefined): readonly string[] {
  return ca === undefined || cas.includes(ca) ? cas : [...cas, ca];
}

export function withGroupMember(body: RegistryBody, group: string, member: string): RegistryBody {
  const found = body.groups.find(({ id }) => id === group) ?? refuseEdit(`no group ${group}`);
  if (found.members.includes(member)) return body;
  const grown = { ...found, members: [...found.members, member] };
  return { ...body, groups: body.groups.map((one) => (one.id === group ? grown : one)) };
}

/** Its gateways are refused at once; keys stay, so that what it signed before is judged as ever. */
export function suspend(member: string): Edit {
  return (body) =>
    withMember(body, member, (one) =>
      one.status === 'active'
        ? { ...one, status: 'suspended' }
        : refuseEdit(`${member} is ${one.status}, not active`),
    );
}

export function reinstate(member: string): Edit {
  return (body) =>
    withMember(body, member, (one) => {
      if (one.status === 'active') refuseEdit(`${member} is active`);
      const usable = one.keys.some(({ use, revoked }) => use === 'seal' && revoked === undefined);
      if (!usable) refuseEdit(`every key of ${member} is revoked; lianzheng alliance recover lists new ones`);
      return { ...one, status: 'active' };
    });
}

/** Exactly one of them. */
export interface Revoked {
  readonly member?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly signer?: string | undefined;
}

/** A member that is revoked has left, and everything of it ends with it. */
export function revoke(what: Revoked, revocation: Revocation): Edit {
  return (body) => {
    if (what.member !== undefined) return expel(body, what.member, revocation);
    const id = what.certificate ?? what.key ?? what.signer ?? '';
    const mark = marker(revocation, (one) => one === id);
    const members = body.members.map((member) => ({
      ...member,
      ...(what.key === undefined ? {} : { keys: member.keys.map((key) => mark(key.kid, key)) }),
      ...(what.signer === undefined ? {} : { signers: marked(member.signers, mark) }),
      ...(what.certificate === undefined ? {} : { gateways: markedGateways(member, mark) }),
    }));
    if (!mark.used()) refuseEdit(`nothing unrevoked is listed as ${id}`, { id });
    return { ...body, members };
  };
}

function expel(body: RegistryBody, id: string, revocation: Revocation): RegistryBody {
  const { status } = memberOf(body, id);
  if (status === 'left' && revocation.reason !== 'compromised') refuseEdit(`${id} has left already`);
  const mark = marker(revocation, () => true);
  return withMember(body, id, (member) => ({
    ...member,
    status: 'left',
    keys: member.keys.map((key) => mark(key.kid, key)),
    signers: marked(member.signers, mark),
    gateways: markedGateways(member, mark),
  }));
}

interface Marker {
  <T extends { readonly revoked?: Revocation }>(id: string, one: T): T;
  used(): boolean;
}

/** What ended as superseded may still be called compromised, when that is found out later. */
function marker(revocation: Revocation, fits: (id: string) => boolean): Marker {
  let used = false;
  const mark = <T extends { readonly revoked?: Revocation }>(id: string, one: T): T => {
    const harder = one.revoked?.reason === 'superseded' && revocation.reason !== 'superseded';
    if (!fits(id) || (one.revoked !== undefined && !harder)) return one;
    used = true;
    return { ...one, revoked: revocation };
  };
  return Object.assign(mark, { used: () => used });
}

function marked(signers: readonly RegistrySigner[], mark: Marker): readonly RegistrySigner[] {
  return signers.map((signer) => mark(signer.x5t, signer));
}

function markedGateways(member: RegistryMember, mark: Marker): RegistryMember['gateways'] {
  return member.gateways.map((gateway) => ({
    ...gateway,
    certs: gateway.certs.map((cert) => mark(cert.x5t, cert)),
  }));
}
