/** The pull worker: takes offers that are due, fetches and verifies their bundles, and survives its own death. */
import { admitBundle } from './pulling/admit-bundle.ts';
import { fetchBundle, type PullDeps } from './pulling/fetch-bundle.ts';
import { settleFailure } from './pulling/settle-failure.ts';
import { resumeSealing } from './making/seal-bundle.ts';
import { findInbound } from './store/inbound-store.ts';
import { claimPull, renewLease } from './store/pull-store.ts';

export type { PullDeps } from './pulling/fetch-bundle.ts';

export interface PullOptions {
  readonly pollMs?: number;
  /** How long a process that died keeps its offers. */
  readonly leaseMs?: number;
  readonly onError?: (error: unknown) => void;
}

export interface Pulls {
  /** Looks for offers now. */
  kick(): void;
  /** Resolves when nothing is running and nothing is due. */
  idle(): Promise<void>;
  /** Stops after the part in hand; what is on disk stays for the next start. */
  close(): Promise<void>;
}

/** Bundles at one time; each holds up to three parts in memory. */
const BUNDLES = 2;
const POLL_MS = 1_000;
const LEASE_MS = 15_000;

export function startPulls(deps: PullDeps, options: PullOptions = {}): Pulls {
  const worker = new PullWorker(deps, options);
  worker.kick();
  return worker;
}

class PullWorker implements Pulls {
  readonly #deps: PullDeps;
  readonly #options: PullOptions;
  readonly #stop = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(deps: PullDeps, options: PullOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#timer = setInterval(() => this.kick(), options.pollMs ?? POLL_MS);
    resumeSealing(deps).catch((error: unknown) => this.#report(error));
  }

  kick(): void {
    if (this.#stop.signal.aborted) return;
    this.#again = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  async idle(): Promise<void> {
    this.kick();
    await this.#looking;
    while (this.#running.size > 0) {
      await Promise.all(this.#running.values());
      this.kick();
      await this.#looking;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#looking;
    await Promise.all(this.#running.values());
  }

  async #look(): Promise<void> {
    while (this.#again && !this.#stop.signal.aborted) {
      this.#again = false;
      try {
        while (this.#running.size < BUNDLES && (await this.#startOne()));
      } catch (error) {
        this.#report(error);
      }
    }
  }

  async #startOne(): Promise<boolean> {
    const now = this.#deps.clock();
    const running = [...this.#running.keys()];
    const packetId = await claimPull(this.#deps.database, { now, until: this.#leaseEnd(), running });
    if (packetId === undefined) return false;
    const work = this.#work(packetId).finally(() => {
      this.#running.delete(packetId);
      this.kick();
    });
    this.#running.set(packetId, work);
    return true;
  }

  async #work(packetId: string): Promise<void> {
    const heartbeat = setInterval(
      () => {
        renewLease(this.#deps.database, packetId, this.#leaseEnd()).catch((error: unknown) =>
          this.#report(error),
        );
      },
      (this.#options.leaseMs ?? LEASE_MS) / 3,
    );
    try {
      await pullPacket(this.#deps, packetId, this.#stop.signal);
    } catch (error) {
      this.#report(error);
    } finally {
      clearInterval(heartbeat);
    }
  }

  #leaseEnd(): Date {
    return new Date(this.#deps.clock().getTime() + (this.#options.leaseMs ?? LEASE_MS));
  }

  #report(error: unknown): void {
    this.#options.onError?.(error);
  }
}

/** One attempt: fetch what is missing, then verify. A failure decides when, or whether, there is another. */
async function pullPacket(deps: PullDeps, packetId: string, signal: AbortSignal): Promise<void> {
  const row = await findInbound(deps.database, packetId);
  if (row === undefined) return;
  try {
    if (row.state !== 'pulled') await fetchBundle(deps, row, signal);
    await admitBundle(deps, row);
  } catch (error) {
    await settleFailure(deps, row, { error, stopped: signal.aborted });
    throw error;
  }
}
