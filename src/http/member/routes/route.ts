/** What a route file gives: one handler for each operation of openapi.yaml that is its own. */
import type { Request, Response } from 'express';
import type { operations } from '../../api-types.ts';
import type { MemberOperationId } from '../../api-operations.ts';

export type Handler = (request: Request, response: Response) => Promise<void>;
export type Handlers = Readonly<Record<MemberOperationId, Handler>>;

type Path<Id extends MemberOperationId> = NonNullable<operations[Id]['parameters']['path']>;
type Query<Id extends MemberOperationId> = NonNullable<operations[Id]['parameters']['query']>;
type JsonBody<Id extends MemberOperationId> = operations[Id] extends {
  requestBody: { content: { 'application/json': infer Body } };
}
  ? Body
  : never;

/*
 * The three casts of the plane. They stand only here and only behind `contractChecks`, which has held path, query
 * and body to the schema that the types are generated from.
 */
export function pathOf<Id extends MemberOperationId>(_operation: Id, request: Request): Path<Id> {
  return request.params as unknown as Path<Id>;
}

export function queryOf<Id extends MemberOperationId>(_operation: Id, request: Request): Query<Id> {
  return request.query;
}

export function bodyOf<Id extends MemberOperationId>(_operation: Id, request: Request): JsonBody<Id> {
  return request.body as JsonBody<Id>;
}

export function sendJson(response: Response, status: number, value: unknown): void {
  response.setHeader('Cache-Control', 'no-store');
  response.status(status).json(value);
}
