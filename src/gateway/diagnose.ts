/** What `lianzheng diagnose` needs of a gateway: its registries, its address, the kinds it takes; no keys, no database. */
import { readFile } from 'node:fs/promises';
import type { DiagnosisOrder, DiagnosisReport, DiagnosisTrust } from '../cli/hooks.ts';
import { programSchemas, readConfig } from '../config.ts';
import { GatewayError } from '../core/errors.ts';
import type { RegistryView } from '../federation/registry/registry-view.ts';
import { readCapture } from '../http/peer/diagnose/capture.ts';
import { diagnose } from '../http/peer/diagnose/diagnose.ts';
import { defaultPeerLimits } from '../http/peer/limits.ts';
import { heldRegistry, registryChain } from './ledger/ledger-access.ts';
import { messageHandlers } from './message-handlers.ts';
import { DEFAULT_SKEW_SECONDS } from '../wire/exchange-token.ts';

interface Receiver {
  readonly member: string;
  readonly authority: string | undefined;
  readonly chain: readonly RegistryView[];
  readonly skewSeconds?: number | undefined;
}

/** Throws config.invalid when capture or trust cannot be read. */
export async function diagnoseCapture(order: DiagnosisOrder): Promise<DiagnosisReport> {
  const capture = readCapture(await readFile(order.capture).catch(noFile));
  const { member, chain, ...receiver } = await receiverOf(order.trust);
  const now = order.at ?? capture.at ?? new Date();
  const view = inForce(chain, now);
  const authority = receiver.authority ?? view.authorityOf(member);
  if (authority === undefined)
    throw new GatewayError('config.invalid', `registry ${view.serial} does not list ${member}`);
  const registry = { ...heldRegistry(() => chain), current: () => view };
  // Nothing is accepted here, so no database is asked, and what would be looked up is keyed with nothing.
  const features = { registry, clock: () => now, indexKey: Buffer.alloc(32) };
  const diagnosis = await diagnose(capture, {
    ...{ member, authority, view, now },
    registry,
    schemas: programSchemas(),
    handlers: messageHandlers({ features } as never),
    skewSeconds: order.skewSeconds ?? receiver.skewSeconds ?? DEFAULT_SKEW_SECONDS,
    maxBodyBytes: defaultPeerLimits.maxBodyBytes,
  });
  return { ...diagnosis, at: now.toISOString() };
}

async function receiverOf(trust: DiagnosisTrust): Promise<Receiver> {
  if ('config' in trust) {
    const config = readConfig(trust.config);
    const { authority, allowedSkewSeconds: skewSeconds } = config.peer;
    return { member: config.member, authority, skewSeconds, chain: await registryChain(config) };
  }
  const { anchors, registry, member, authority } = trust;
  return { member, authority, chain: await registryChain({ anchors, registry: { dir: registry } }) };
}

/** The newest that was issued by then; the first where the request is older than all. */
function inForce(chain: readonly RegistryView[], now: Date): RegistryView {
  const issued = chain.filter(({ body }) => Date.parse(body.issuedAt) <= now.getTime());
  return (issued.at(-1) ?? chain[0]) as RegistryView;
}

function noFile(cause: unknown): never {
  throw new GatewayError('config.invalid', 'the capture cannot be read', { cause });
}
