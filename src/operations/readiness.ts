/** Whether a gateway may be sent traffic, and what will keep it from it before long: decided from its vital signs. */
import { isGatewayError, type ErrorCode } from '../core/errors.ts';
import type { VitalSigns } from './vital-signs.ts';

export interface Reason {
  readonly part: string;
  readonly code: string;
  readonly message: string;
}

export interface Readiness {
  /** Each one keeps traffic away. */
  readonly reasons: readonly Reason[];
  /** Traffic goes on; somebody should look. */
  readonly warnings: readonly Reason[];
}

export interface ReadinessLimits {
  /** Peers refuse tokens beyond it. */
  readonly skewSeconds: number;
}

/** Callers give up after 10 s of waiting for their entry. */
const LAG_SECONDS = 5;
const OFFSET_WARNING_SECONDS = 1;
/** A statement is made each minute and lives ten: half gone means that none came for five. */
const FRESHNESS_WARNING_SECONDS = 300;
const DELIVERY_WARNING_SECONDS = 900;
const WITNESS_WARNING_SECONDS = 300;
const ROOM_WARNING = 0.9;

export function judge(signs: VitalSigns, limits: ReadinessLimits): Readiness {
  return {
    reasons: [
      ...stopping(signs),
      ...database(signs),
      ...ledger(signs),
      ...registry(signs),
      ...blobs(signs),
      ...clock(signs, limits),
      ...certificate(signs),
    ],
    warnings: [
      ...membership(signs),
      ...roles(signs),
      ...endsSoon(signs),
      ...freshness(signs),
      ...clockDrifts(signs, limits),
      ...deliveries(signs),
      ...witnesses(signs),
      ...fillsUp(signs),
    ],
  };
}

function stopping(signs: VitalSigns): Reason[] {
  return signs.stopping ? [reason('gateway', 'gateway.stopping', 'the gateway was told to stop')] : [];
}

/** Without a sequencer nothing is answered, which the gate tells; without the others something is left undone. */
function roles({ processes: { missing } }: VitalSigns): Reason[] {
  const left = missing.filter((role) => role !== 'sequencer');
  const why = (role: string): string =>
    `no process of this gateway has the role ${role}: start one with lianzheng serve --roles ${role}`;
  return left.map((role) => reason(role, 'role.missing', why(role)));
}

function database(signs: VitalSigns): Reason[] {
  if (signs.database !== undefined) return [];
  return [reason('database', 'storage.unavailable', 'the database did not answer within 2 s')];
}

function ledger({ gate, database: stored }: VitalSigns): Reason[] {
  if (gate.code === 'gateway.no-sequencer') return [reason('sequencer', gate.code, gate.reason)];
  if (gate.code !== undefined) return [reason('ledger', gate.code, gate.reason)];
  if (stored === undefined || stored.lagSeconds < LAG_SECONDS) return [];
  const wait = `${stored.waiting} acts wait, the oldest for ${Math.round(stored.lagSeconds)} s`;
  return [reason('sequencer', 'ledger.unavailable', `nothing is sequenced: ${wait}`)];
}

function registry({ registry: held }: VitalSigns): Reason[] {
  const { refusal } = held;
  if (refusal === undefined) return [];
  const code = isGatewayError(refusal) ? refusal.code : 'registry.stale';
  const since =
    code === 'registry.expired'
      ? `registry ${held.serial} ended at ${held.expiresAt.toISOString()}`
      : `the last statement that registry ${held.serial} is current ended at ${held.freshUntil?.toISOString() ?? 'no time: there was none'}`;
  return [reason('registry', code, since)];
}

function blobs({ blobs: room }: VitalSigns): Reason[] {
  if (room.freeBytes < room.reserveBytes)
    return [reason('blobs', 'blob.quota', 'the disk has only its reserve left; free space on it')];
  if (room.usedBytes < room.quotaBytes) return [];
  return [reason('blobs', 'blob.quota', `${room.usedBytes} of ${room.quotaBytes} bytes are in use`)];
}

function clock({ database: stored }: VitalSigns, { skewSeconds }: ReadinessLimits): Reason[] {
  if (stored === undefined || Math.abs(stored.offsetMs) <= skewSeconds * 1000) return [];
  return [reason('clock', 'gateway.clock-wrong', offsetText(stored.offsetMs))];
}

function clockDrifts({ database: stored }: VitalSigns, { skewSeconds }: ReadinessLimits): Reason[] {
  const off = Math.abs(stored?.offsetMs ?? 0);
  if (off <= OFFSET_WARNING_SECONDS * 1000 || off > skewSeconds * 1000) return [];
  return [reason('clock', 'clock.drifts', offsetText(stored?.offsetMs ?? 0))];
}

function offsetText(offsetMs: number): string {
  const side = offsetMs > 0 ? 'ahead of' : 'behind';
  return `the database's clock is ${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${side} this machine's: one of them is wrong`;
}

function certificate({ certificateEnd, at }: VitalSigns): Reason[] {
  if (certificateEnd > at) return [];
  const ended = `the certificate of this gateway ended at ${certificateEnd.toISOString()}`;
  return [reason('certificate', 'tls.certificate-expired', ended)];
}

/** The member's own systems may go on: what waits in the queue is sent when it is reinstated. */
function membership({ registry: { active, serial } }: VitalSigns): Reason[] {
  if (active) return [];
  const text = `registry ${serial} does not have this member as active: peers refuse it`;
  return [reason('registry', 'tls.member-suspended', text)];
}

function endsSoon({ expiries }: VitalSigns): Reason[] {
  return expiries
    .filter(({ step, covered }) => step !== undefined && !covered)
    .map(({ what, id, at }) => reason(what, 'expiry.near', `${what} ${id} ends at ${at}`));
}

function freshness({ registry: held, at }: VitalSigns): Reason[] {
  const left = ((held.freshUntil?.getTime() ?? 0) - at.getTime()) / 1000;
  if (left < 0 || left > FRESHNESS_WARNING_SECONDS) return [];
  const end = held.freshUntil?.toISOString() ?? '';
  return [
    reason(
      'registry',
      'registry.freshness-ends',
      `no newer freshness statement came; this one ends at ${end}`,
    ),
  ];
}

function deliveries({ database: stored, at }: VitalSigns): Reason[] {
  return (stored?.deliveries ?? []).flatMap(({ recipient, pending, sent, oldest }) => {
    const age = Math.round((at.getTime() - oldest.getTime()) / 1000);
    if (age < DELIVERY_WARNING_SECONDS) return [];
    const text = `${pending + sent} messages to ${recipient} are open, the oldest for ${age} s`;
    return [reason('delivery', 'delivery.late', text)];
  });
}

function witnesses({ database: stored, at }: VitalSigns): Reason[] {
  return (stored?.cosigned ?? []).flatMap(({ witness, size, cosignedAt }) => {
    const ours = stored?.size ?? 0;
    const since = (cosignedAt ?? stored?.checkpointAt ?? at).getTime();
    if ((size ?? 0) >= ours || at.getTime() - since < WITNESS_WARNING_SECONDS * 1000) return [];
    return [reason('witness', 'witness.behind', `${witness} cosigned ${size ?? 0} of ${ours} entries`)];
  });
}

function fillsUp({ blobs: room }: VitalSigns): Reason[] {
  if (room.usedBytes < room.quotaBytes * ROOM_WARNING || room.usedBytes >= room.quotaBytes) return [];
  return [reason('blobs', 'blobs.nearly-full', `${room.usedBytes} of ${room.quotaBytes} bytes are in use`)];
}

type WarningCode =
  | 'expiry.near'
  | 'registry.freshness-ends'
  | 'clock.drifts'
  | 'delivery.late'
  | 'witness.behind'
  | 'blobs.nearly-full'
  | 'role.missing';

function reason(part: string, code: ErrorCode | WarningCode, message: string): Reason {
  return { part, code, message };
}
