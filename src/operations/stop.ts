/** Runs gateways until they are told to stop, and ends them within a time that a supervisor can rely on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { OpenedGateways } from '../gateway/compartments.ts';

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;
/** After the wait for the load balancer: listeners have 20 s, what follows the rest. */
const FORCE_MS = 29_000;

/**
 * Red at once, then the configured wait, then the end of running work. A second signal ends the process where it
 * stands, and so does a stop that takes longer than any running request may.
 */
export async function runUntilStopped(opened: OpenedGateways): Promise<void> {
  const signal = await toldToStop();
  const loggers = opened.gateways.map(({ logger }) => logger);
  const drains = opened.gateways.map(({ gateway }) => gateway.config.shutdown?.drainSeconds ?? 0);
  const drainMs = Math.max(...drains) * 1000;
  for (const logger of loggers)
    logger.info({ signal, drainMs }, 'stopping: not ready any more, running requests may end');
  endAtOnceOnSecondSignal(loggers);
  const force = setTimeout(() => {
    for (const logger of loggers) logger.error({}, 'stopping took too long: ended by force');
    process.exit(1);
  }, drainMs + FORCE_MS).unref();
  opened.announceStop();
  await sleep(drainMs);
  await opened.close();
  clearTimeout(force);
  // A supervisor's pipe would keep this process alive.
  process.stdin.destroy();
  for (const logger of loggers) logger.info({}, 'stopped');
}

/** A supervisor may hold our standard input open and let go of it, by dying too, to stop us. */
function toldToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
    if (process.env['LIANZHENG_STOP_WITH_STDIN'] !== '1') return;
    process.stdin.once('end', () => resolve('standard input closed')).resume();
  });
}

/** Nothing accepted is lost by it: what was answered 2xx is durable. */
function endAtOnceOnSecondSignal(loggers: readonly Logger[]): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      for (const logger of loggers) logger.warn({ signal }, 'told a second time: ended at once');
      process.exit(128 + SIGNALS[signal]);
    });
  }
}
