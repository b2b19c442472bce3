/** GET /v1/packets/{id}/bundle: streamed, whole or from where a broken download stopped (RFC 9110 section 14). */
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { GatewayError } from '../../../core/errors.ts';
import type { Bundle, MemberServices } from '../services.ts';
import { pathOf, type Handlers } from './route.ts';

interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export function bundleRoutes(services: MemberServices): Pick<Handlers, 'getBundle'> {
  return {
    getBundle: async (request, response) => {
      const packetId = pathOf('getBundle', request).id;
      const bundle = await services.bundle(packetId);
      const range = rangeOf(request.headers.range, bundle.size);
      describe(response, packetId, bundle);
      if (range !== undefined) describeRange(response, range, bundle.size);
      await pipeline(bundle.open(range), response);
    },
  };
}

/** The contract has checked the form; whether the range lies in the file is decided here. */
function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === undefined) return undefined;
  const start = Number(from);
  const end = to === undefined || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (start > end)
    throw new GatewayError('request.invalid', `expected a range within ${size} bytes`, { facts: { size } });
  return { start, end };
}

function describe(response: Response, packetId: string, bundle: Bundle): void {
  response.setHeader('Content-Type', 'application/vnd.etsi.asic-e+zip');
  response.setHeader('Content-Disposition', `attachment; filename="${packetId}.asice"`);
  response.setHeader('Content-Length', bundle.size);
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Repr-Digest', `sha-256=:${Buffer.from(bundle.sha256, 'hex').toString('base64')}:`);
  response.setHeader('Cache-Control', 'no-store');
}

function describeRange(response: Response, range: ByteRange, size: number): void {
  response.status(206);
  response.setHeader('Content-Range', `bytes ${range.start}-${range.end}/${size}`);
  response.setHeader('Content-Length', range.end - range.start + 1);
}
