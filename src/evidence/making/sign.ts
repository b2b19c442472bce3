/** People sign the manifest; with the last signature the container is written and the packet is signed. */
import { GatewayError } from '../../core/errors.ts';
import { mergeSignatures } from '../../pki/cms.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { verifyOfficers } from '../officer-check.ts';
import type { Packet } from '../packet-types.ts';
import { packetRecord, type PacketRecord } from '../packets.ts';
import { recordAct } from '../record-act.ts';
import { sealBundle } from './seal-bundle.ts';
import { findPacket, lockPacket, setSignature, type PacketRow } from '../store/packet-store.ts';

export interface SignatureUpload {
  readonly packetId: string;
  /** CMS SignedData, DER, of one or several signatories over the manifest. */
  readonly cms: Buffer;
  readonly actor: string;
}

/** The bytes of META-INF/ASiCManifest001.xml. Throws packet.not-found. */
export async function manifestOf(deps: EvidenceDeps, packetId: string): Promise<Buffer> {
  return (await requirePacket(deps, packetId)).manifest;
}

/** Throws packet.state, packet.signature-invalid, packet.signer-unregistered. */
export async function addSignature(deps: EvidenceDeps, upload: SignatureUpload): Promise<PacketRecord> {
  const row = await requirePacket(deps, upload.packetId);
  assertAssembled(row);
  const signers = await checkUpload(deps, row, upload.cms);
  const signed = await deps.database.transaction(async (tx) => {
    const locked = await lockPacket(tx, row.id);
    if (locked === undefined) throw new GatewayError('packet.not-found', `no packet ${row.id}`);
    assertAssembled(locked);
    const signedBy = [...locked.signed_by, ...signers];
    if (new Set(signedBy).size !== signedBy.length) {
      throw new GatewayError('packet.state', 'this signatory has signed already');
    }
    const cms = locked.signature === null ? upload.cms : mergeSignatures([locked.signature, upload.cms]);
    const complete = signatoriesOf(locked).every(({ x5t }) => signedBy.includes(x5t));
    await setSignature(tx, row.id, { cms, signedBy, complete });
    const key = await recordAct(deps, tx, {
      kind: 'packet.countersigned',
      actor: upload.actor,
      group: row.group_id,
      purpose: row.purpose,
      basis: row.legal_basis,
      subject: { type: 'packet', id: row.id, sha256: row.manifest_sha256 },
    });
    return { key, complete };
  });
  await deps.ledger.settle(signed.key);
  if (signed.complete) await sealBundle(deps, row.id, upload.actor);
  return packetRecord(deps, row.id);
}

/** The thumbprints of the signers, each a signatory of the packet in the role that the registry gives them. */
async function checkUpload(deps: EvidenceDeps, row: PacketRow, cms: Buffer): Promise<readonly string[]> {
  const registry = deps.registry.current();
  const officers = await verifyOfficers({
    cms,
    content: row.manifest,
    registry,
    member: deps.member,
    now: deps.clock(),
  });
  for (const { x5t, roles } of officers) {
    const signatory = signatoriesOf(row).find((person) => person.x5t === x5t);
    if (signatory === undefined || !roles.includes(signatory.role)) {
      throw new GatewayError('packet.signer-unregistered', 'the signer is no signatory of this packet', {
        facts: { x5t },
      });
    }
  }
  return officers.map(({ x5t }) => x5t);
}

function signatoriesOf(row: PacketRow): Packet['signatories'] {
  return (JSON.parse(row.packet) as Packet).signatories;
}

function assertAssembled(row: PacketRow): void {
  if (row.state === 'assembled') return;
  throw new GatewayError('packet.state', `the packet is ${row.state}: it takes no more signatures`, {
    facts: { state: row.state },
  });
}

async function requirePacket(deps: EvidenceDeps, packetId: string): Promise<PacketRow> {
  await packetRecord(deps, packetId);
  const row = await findPacket(deps.database, packetId);
  if (row === undefined) throw new GatewayError('packet.not-found', `no packet ${packetId} was made here`);
  return row;
}
