/** The peer plane of one gateway, from its configuration and its rooms. */
import type { Server } from 'node:http';
import type { EvidenceDeps } from '../evidence/evidence-deps.ts';
import { createPartServer } from '../evidence/handing-over/serve-parts.ts';
import { heldTokens } from '../federation/held-offers.ts';
import type { MessageReceiver } from '../federation/inbox.ts';
import { pairEntries } from '../federation/pair-entries.ts';
import type { RegistryKeeper } from '../federation/registry/registry-keeper.ts';
import { createStatusAnswerer } from '../federation/status.ts';
import { createPeerServer } from '../http/peer/peer-server.ts';
import type { PeerPlane } from '../http/peer/peer-plane.ts';
import { peerTelling, type Telling } from '../operations/open-operations.ts';
import type { Exchange } from './exchange.ts';
import { servedLedger } from './ledger/ledger-access.ts';
import { witnessOf, type WitnessingDeps } from './ledger/witnessing.ts';
import { peerSettings } from './listeners.ts';
import { mayAudit } from './standing.ts';

export interface PeerPlaneDeps extends Pick<
  Required<PeerPlane>,
  'tls' | 'registryServer' | 'refusals' | 'tokenIds' | 'rates' | 'onLimit' | 'logger'
> {
  readonly witnessing: WitnessingDeps;
  readonly registry: RegistryKeeper;
  readonly evidence: EvidenceDeps;
  readonly exchange: Exchange;
  readonly messages: MessageReceiver;
  readonly telling: Telling;
}

/** Not listening yet. */
export async function openPeerPlane(deps: PeerPlaneDeps): Promise<Server> {
  const { witnessing, evidence, exchange, messages, telling, registry, ...plane } = deps;
  const { config } = witnessing;
  const { member, database, ledger, schemas, clock, sealKey } = evidence;
  const base = { member, database, ledger, registry, schemas, clock, sealKey };
  return createPeerServer({
    ...base,
    ...plane,
    authority: config.peer.authority,
    ...exchange.listening({ messages, status: createStatusAnswerer(base) }),
    feed: exchange.feed,
    parts: createPartServer(evidence),
    ledgerSource: await servedLedger(config, database, ledger),
    mayAudit: (who) => mayAudit(who, registry, clock()),
    pairEntries: (who, mid) => pairEntries(base, who, mid),
    heldTokens: (who) => heldTokens(database, who),
    witness: witnessOf(witnessing),
    events: await peerTelling(telling, config.capture),
    ...peerSettings(config),
  });
}
