/** Cuts a caller that sends its body or takes its answer more slowly than the least speed. */
import type { RequestHandler } from 'express';
import type { Pace } from '../limits/pace.ts';

/** Before every handler: a body is watched from its head on, an answer from its first byte on. */
export function keepPace(pace: Pace, onLimit?: (limit: string) => void): RequestHandler {
  return (request, response, next) => {
    const onTooSlow = (): void => {
      onLimit?.('member-plane.pace');
      request.socket.destroy();
    };
    const unwatch = pace.reading(request, { onTooSlow });
    request.once('end', unwatch).once('close', unwatch);
    const { writeHead } = response;
    response.writeHead = ((...given: Parameters<typeof writeHead>) => {
      pace.writing(response, { onTooSlow });
      return writeHead.apply(response, given);
    }) as typeof writeHead;
    next();
  };
}
