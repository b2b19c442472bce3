/** Edits of what a member signs and speaks with: the next one beside the present one, so that nothing fails between. */
import type {
  GatewayCertificate,
  MemberKey,
  RegistryLedger,
  RegistrySigner,
} from '../registry/registry-types.ts';
import type { Edit } from './draft.ts';
import { gatewayOf, refuseEdit, withMember } from './edit.ts';
import { withAuthority } from './membership.ts';

const MAX_CERTIFICATES = 16;

export interface AddedCertificate {
  readonly member: string;
  /** Of the gateway; may be left out when the member has one. */
  readonly authority: string | undefined;
  readonly certificate: GatewayCertificate;
  readonly ca?: string | undefined;
  /** POSIX seconds; certificates that ended before are dropped: nothing that lasts is judged by them. */
  readonly now: number;
}

export function addCertificate({ member, authority, certificate, ca, now }: AddedCertificate): Edit {
  return (body) => {
    const edited = withMember(body, member, (one) => {
      const gateway = gatewayOf(one, authority);
      const live = gateway.certs.filter(({ exp, revoked }) => exp >= now || revoked !== undefined);
      if (live.length >= MAX_CERTIFICATES) refuseEdit(`${gateway.authority} has ${live.length} certificates`);
      const changed = { ...gateway, certs: [...live, certificate] };
      return { ...one, gateways: one.gateways.map((each) => (each === gateway ? changed : each)) };
    });
    return { ...edited, cas: withAuthority(body.cas, ca) };
  };
}

/** Another gateway of the same member, at its own address. */
export function addGateway({
  member,
  authority,
  certificate,
  ca,
}: AddedCertificate & { authority: string }): Edit {
  return (body) => {
    const edited = withMember(body, member, (one) => ({
      ...one,
      gateways: [...one.gateways, { authority, certs: [certificate] }],
    }));
    return { ...edited, cas: withAuthority(body.cas, ca) };
  };
}

/** The keys before it stay and may end at `supersededAt` (RFC 3339): what they signed until then stays good. */
export function addKey(member: string, key: MemberKey, supersededAt?: string): Edit {
  return (body) =>
    withMember(body, member, (one) => {
      if (one.keys.some(({ kid }) => kid === key.kid)) refuseEdit(`key ${key.kid} is listed already`);
      const ended = one.keys.map((each) =>
        supersededAt === undefined || each.use !== key.use || each.revoked !== undefined
          ? each
          : { ...each, revoked: { at: supersededAt, reason: 'superseded' as const } },
      );
      return { ...one, keys: [...ended, key] };
    });
}

/** A log has one key at a time; peers and auditors accept the one before for a day (ledger-keys.ts). */
export function changeLedger(member: string, ledger: RegistryLedger): Edit {
  return (body) =>
    withMember(body, member, (one) =>
      one.ledger.vkey === ledger.vkey
        ? refuseEdit(`the log of ${member} has this key already`)
        : { ...one, ledger },
    );
}

export function addSigner(member: string, signer: RegistrySigner): Edit {
  return (body) => withMember(body, member, (one) => ({ ...one, signers: [...one.signers, signer] }));
}
