/** Events of the exchange: a request answered, a handshake failed, a peer called. */
import type { Clock } from '../../core/clock.ts';
import { isGatewayError } from '../../core/errors.ts';
import type { PeerAnswer, PeerCall, PeerClient } from '../../federation/peers/peer-client.ts';
import type { AnsweredCall, PeerEvents } from '../../http/peer/observe.ts';
import { milliseconds, type Teller } from './teller.ts';

/** What OpenSSL and Node call their errors; anything else is no label. */
const TLS_CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

export function peerEvents(teller: Teller): PeerEvents {
  return {
    answered: (call) => answered(teller, call),
    handshakeFailed: (why = '') =>
      teller.counters.handshakes.inc({ why: TLS_CODE.test(why) ? why : 'other' }),
  };
}

function answered({ logger, counters, tracing }: Teller, call: AnsweredCall): void {
  const { correlationId, peer, kind, code, status, seconds, startedAt } = call;
  const line = { correlationId, peer, kind, code, status, milliseconds: milliseconds(seconds) };
  logger.info(line, 'peer call');
  counters.exchanges.inc({ kind, code, peer: peer ?? '' });
  counters.exchangeSeconds.observe({ kind, outcome: outcomeOf(code) }, seconds);
  // A stranger's Exchange-Id could add to any trace: only a registered certificate's counts.
  if (peer === undefined) return;
  tracing.record({ name: `receive ${kind}`, kind: 'server', correlationId, startedAt, seconds, code, peer });
}

/** Calls to peers, observed. */
export function observedClient(
  client: Pick<PeerClient, 'call'>,
  teller: Teller,
  clock: Clock,
): Pick<PeerClient, 'call'> {
  return {
    call: async (call) => {
      const startedAt = clock();
      const started = performance.now();
      const tell = (code: string, status?: number): void =>
        called(teller, call, { code, status, startedAt, seconds: (performance.now() - started) / 1000 });
      try {
        const answer = await client.call(call);
        tell(codeOf(answer), answer.status);
        return answer;
      } catch (error) {
        tell(isGatewayError(error) ? error.code : 'internal');
        throw error;
      }
    },
  };
}

interface CallEnd {
  readonly code: string;
  readonly status: number | undefined;
  readonly startedAt: Date;
  readonly seconds: number;
}

function called({ logger, counters, tracing }: Teller, call: PeerCall, end: CallEnd): void {
  const { to: peer, mid: correlationId } = call;
  const { code, status, startedAt, seconds } = end;
  const path = call.path.slice('/x/v1/'.length);
  logger.debug(
    { correlationId, peer, path, code, status, milliseconds: milliseconds(seconds) },
    'peer called',
  );
  counters.calls.inc({ path, code, peer });
  counters.callSeconds.observe({ path, outcome: outcomeOf(code) }, seconds);
  tracing.record({ name: `call ${path}`, kind: 'client', correlationId, startedAt, seconds, code, peer });
}

/** A signed refusal is an answer; which code it carries the delivery says, this counts its status. */
function codeOf({ status }: PeerAnswer): string {
  return status < 400 ? 'ok' : `answered-${status}`;
}

function outcomeOf(code: string): string {
  return code === 'ok' || code === 'aborted' ? code : 'refused';
}
