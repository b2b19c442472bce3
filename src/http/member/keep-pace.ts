/** Cuts a caller that sends its body or takes its answer more slowly than the least speed. */
import type { RequestHandler } from 'express';
import type { Pace } from '../limits/pace.ts';

/** Before every handler. While it is the plane that keeps the caller waiting, nothing is counted. */
export function keepPace(pace: Pace, onLimit?: (limit: string) => void): RequestHandler {
  return (request, response, next) => {
    const onTooSlow = (): void => {
      onLimit?.('member-plane.pace');
      request.socket.destroy();
    };
    const unwatch = pace.reading(request, { onTooSlow });
    request.once('end', unwatch).once('close', unwatch);
    pace.writing(response, { onTooSlow });
    next();
  };
}
