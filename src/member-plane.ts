/** The member plane of one gateway, from its configuration. */
import type { Server } from 'node:http';
import { join } from 'node:path';
import { programRoot } from './config.ts';
import { createMemberServer, type MemberPlane } from './http/member/server.ts';
import { memberTls } from './listeners.ts';
import { memberServices, type ServiceDeps } from './member-services.ts';
import { createBearerVerifier } from './wire/bearer.ts';

export type MemberPlaneDeps = ServiceDeps &
  Pick<MemberPlane, 'metrics' | 'logger'> &
  Required<Pick<MemberPlane, 'recordRefusal'>>;

/** Not listening yet. */
export async function openMemberPlane(deps: MemberPlaneDeps): Promise<Server> {
  const { config, recordRefusal, metrics, logger } = deps;
  const { issuer, audience, jwks } = config.memberPlane;
  return createMemberServer({
    contract: join(programRoot, 'openapi.yaml'),
    bearer: createBearerVerifier({ issuer, audience, jwks: jwksSource(jwks) }),
    services: memberServices(deps),
    ...{ recordRefusal, metrics, logger },
    ...(await memberTls(config)),
  });
}

function jwksSource(jwks: string): { readonly url: string } | { readonly file: string } {
  return jwks.startsWith('https://') ? { url: jwks } : { file: jwks };
}
