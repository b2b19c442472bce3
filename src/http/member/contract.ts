/** Holds each request to openapi.yaml and says in the product's own words where it differs. */
import type { RequestHandler } from 'express';
import * as OpenApiValidator from 'express-openapi-validator';
import { GatewayError } from '../../core/errors.ts';

export interface ContractOptions {
  /** Path of openapi.yaml. */
  readonly file: string;
  /** Also holds answers to the contract; for tests, it costs a walk over every answer. */
  readonly checkAnswers?: boolean;
}

/** The peer plane has its own order of checks and another listener. */
const PEER_PATHS = /^\/(x\/v1|ledger)\//;
const MOST_FACTS = 20;

export function contractChecks(options: ContractOptions): RequestHandler[] {
  return OpenApiValidator.middleware({
    apiSpec: options.file,
    validateApiSpec: false,
    validateSecurity: false,
    validateResponses: options.checkAnswers ?? false,
    ignorePaths: PEER_PATHS,
    fileUploader: false,
  });
}

interface Difference {
  readonly path: string;
  readonly message: string;
}

/** A GatewayError for what the validator threw; undefined when the error is not the validator's. */
export function contractError(error: unknown): GatewayError | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  if (error.status === 404) return new GatewayError('http.not-found');
  if (error.status === 405) return new GatewayError('http.method-not-allowed', error.message);
  if (error.status === 415) return new GatewayError('http.media-type-refused', error.message);
  if (error.status < 400 || error.status > 499) return undefined;
  const differences = differencesOf(error);
  const first = differences[0];
  const message =
    first === undefined ? error.message : `${first.path} ${first.message}; compare with openapi.yaml`;
  return new GatewayError('request.invalid', message, { facts: { differences } });
}

function differencesOf(error: Error): Difference[] {
  const listed: unknown = 'errors' in error ? error.errors : [];
  if (!Array.isArray(listed)) return [];
  return listed.slice(0, MOST_FACTS).map(({ path, message }: Partial<Difference>) => ({
    path: path ?? '',
    message: message ?? '',
  }));
}
