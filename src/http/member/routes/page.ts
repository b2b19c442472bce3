/** Paging of the lists, as the shared parameters of openapi.yaml have it. */
import type { Page } from '../services.ts';

interface PageQuery {
  readonly after?: string;
  readonly limit?: number;
}

export function pageOf(query: PageQuery): Page {
  return { limit: query.limit ?? 100, ...(query.after === undefined ? {} : { after: query.after }) };
}
