/** The one door to the types generated from openapi.yaml: types only, the CLI runs no code of the servers. */
import type { components, paths } from '../../http/api-types.ts';

export type Paths = paths;
export type Schemas = components['schemas'];
