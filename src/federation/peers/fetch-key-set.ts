/** Fetches the key set of the member's own token issuer: no redirect, no proxy of the environment, bounded. */
import { Agent } from 'undici';
import { GatewayError } from '../../core/errors.ts';
import { demandConnectable, guardedLookup, type Resolve } from './address-policy.ts';

export interface KeySetFetch {
  /** PEM; default: the roots of the system. */
  readonly ca?: string;
  /** Default: the system's. */
  readonly resolve?: Resolve;
}

const KEY_SET_MS = 5000;
const MAX_KEY_SET_BYTES = 256 * 1024;

/** The issuer may stand in a private network; where clouds hand secrets out no issuer stands. Throws `exchange.target-refused`. */
export async function fetchKeySet(url: string, { ca, resolve }: KeySetFetch = {}): Promise<Response> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:')
    throw new GatewayError('exchange.target-refused', `expected an https URL, got ${url}`);
  demandConnectable(hostname.replace(/^\[|\]$/g, ''), true);
  const agent = new Agent({
    connections: 1,
    maxResponseSize: MAX_KEY_SET_BYTES,
    connect: {
      timeout: KEY_SET_MS,
      lookup: guardedLookup(true, resolve),
      ...(ca === undefined ? {} : { ca }),
    },
  });
  try {
    const signal = AbortSignal.timeout(KEY_SET_MS);
    const { statusCode, body } = await agent.request({ ...originOf(url), method: 'GET', signal });
    const text = await body.text();
    // A redirect is an answer like any other that is not 200: the caller refuses it.
    return new Response(statusCode === 204 ? null : text, { status: Math.max(200, statusCode) });
  } finally {
    await agent.destroy();
  }
}

function originOf(url: string): { readonly origin: string; readonly path: string } {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: `${pathname}${search}` };
}
