/** A packet as people read it. */
import type { Schemas } from '../../api/api-types.ts';
import { sizeText } from '../../terminal/progress.ts';

type Packet = Schemas['Packet'];

export function packetLine({ packetId, type, state, direction, peer, docNo }: Packet): string {
  return `${packetId}  ${state.padEnd(11)}  ${direction === 'in' ? 'from' : 'to'} ${peer}  ${type}  ${docNo}`;
}

export function packetLines(packet: Packet): string[] {
  const { bundle, signatories = [], transfers = [], reason } = packet;
  return [
    packetLine(packet),
    `  manifest  ${packet.manifestSha256}`,
    ...(bundle === undefined ? [] : [`  bundle    ${bundle.sha256}  ${sizeText(bundle.size)}`]),
    ...signatories.map(({ role, name, signed }) => `  ${signed ? 'signed   ' : 'to sign  '} ${role} ${name}`),
    ...transfers.map(({ to, offeredAt, receiptedAt }) =>
      receiptedAt === undefined
        ? `  offered   to ${to} at ${offeredAt}`
        : `  receipted by ${to} at ${receiptedAt}`,
    ),
    ...(reason === undefined ? [] : [`  reason    ${reason}`]),
  ];
}
