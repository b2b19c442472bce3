/** The audit's thread from its sources: a thread does not inherit what lets its parent run TypeScript. */
import { register } from 'tsx/esm/api';

register();
await import('../../src/ledger/audit/threads/range-worker.ts');
