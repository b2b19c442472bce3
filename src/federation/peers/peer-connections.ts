/** The pools to all peers: exchanged at each change without breaking a call, cut at once where a peer's standing ends. */
import type { MemberId } from '../../core/ids.ts';
import type { RegistryKeeper } from '../registry/registry-keeper.ts';
import type { RegistryView } from '../registry/registry-view.ts';
import { isGatewayOf, openPeerPool, type PeerPool, type PeerPoolOptions } from './peer-pool.ts';

export interface PeerConnectionsOptions extends Omit<PeerPoolOptions, 'to' | 'registry'> {
  readonly registry: Pick<RegistryKeeper, 'current' | 'onChange'>;
}

/** A pool in use: until it is released it takes calls, whatever was published meanwhile. */
export interface Lease {
  readonly peer: PeerPool;
  readonly release: () => void;
}

interface Entry {
  readonly to: MemberId;
  readonly peer: PeerPool;
  leases: number;
  retired: boolean;
}

/** A certificate may reach its end between two changes of the registry. */
const SWEEP_MS = 1_000;

export class PeerConnections {
  readonly #options: PeerConnectionsOptions;
  readonly #current = new Map<MemberId, Entry>();
  readonly #all = new Set<Entry>();
  readonly #sweeping: NodeJS.Timeout;

  constructor(options: PeerConnectionsOptions) {
    this.#options = options;
    options.registry.onChange(() => {
      this.#sweep();
      this.#retire();
    });
    options.tls.onChange?.(() => this.#retire());
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Throws `exchange.target-refused`. */
  lease(to: MemberId): Lease {
    const entry = this.#current.get(to) ?? this.#open(to);
    entry.leases += 1;
    return {
      peer: entry.peer,
      release: () => {
        entry.leases -= 1;
        this.#closeUnused(entry);
      },
    };
  }

  /** Waits for running calls. */
  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    this.#current.clear();
    await Promise.all([...this.#all].map(({ peer }) => peer.pool.close()));
  }

  #open(to: MemberId): Entry {
    const entry: Entry = { to, peer: openPeerPool({ ...this.#options, to }), leases: 0, retired: false };
    this.#current.set(to, entry);
    this.#all.add(entry);
    return entry;
  }

  /** New CAs, authorities and certificates count for new connections; running calls end on the old ones. */
  #retire(): void {
    this.#current.clear();
    for (const entry of this.#all) {
      entry.retired = true;
      this.#closeUnused(entry);
    }
  }

  /** A pool that closes refuses calls that were about to use it, so it closes after the last of them. */
  #closeUnused(entry: Entry): void {
    if (!entry.retired || entry.leases > 0) return;
    this.#all.delete(entry);
    entry.peer.pool.close().catch(() => undefined);
  }

  /** What runs over a connection to somebody who is no gateway of the peer any more ends here and now. */
  #sweep(): void {
    const view = this.#options.registry.current();
    const now = this.#options.clock();
    for (const { to, peer } of this.#all) {
      for (const [socket, x5t] of peer.sockets) if (!mayGoOn(view, to, { x5t, now })) socket.destroy();
    }
  }
}

function mayGoOn(
  view: RegistryView,
  to: MemberId,
  shown: { readonly x5t: string; readonly now: Date },
): boolean {
  return view.active(to) && isGatewayOf(view, to, shown);
}
