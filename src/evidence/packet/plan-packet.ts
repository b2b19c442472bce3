/** The container plan of a stored packet: the same row gives the same bytes, today and after a restart. */
import type { JsonObject } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { planContainer, type ContainerPlan } from '../making/container-plan.ts';
import type { PacketFile } from './packet-files.ts';

export interface PlanSource {
  readonly id: string;
  readonly packet: string;
  readonly custody: string;
  readonly case_graph: string;
  readonly files: readonly PacketFile[];
  readonly bagging_date: string;
}

export function planOf(source: PlanSource, blobs: BlobStore): ContainerPlan {
  return planContainer({
    packetId: source.id,
    packet: JSON.parse(source.packet) as JsonObject,
    custody: source.custody,
    caseGraph: JSON.parse(source.case_graph) as JsonObject,
    files: source.files.map((file) => ({ ...file, open: () => blobs.read(file.sha256) })),
    baggingDate: new Date(`${source.bagging_date}T00:00:00Z`),
  });
}

/** What people signed must be what is written: a plan that differs means the row or the program changed. */
export function assertPlanned(plan: ContainerPlan, manifestSha256: string): void {
  if (plan.manifestSha256 !== manifestSha256) {
    throw new GatewayError('internal', 'the container plan differs from the manifest that was signed');
  }
}
