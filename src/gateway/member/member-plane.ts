/** The member plane of one gateway, from its configuration. */
import type { Server } from 'node:http';
import { join } from 'node:path';
import { programRoot } from '../../config.ts';
import { createMemberServer, type MemberPlane } from '../../http/member/server.ts';
import { memberLimitsOf } from '../limits.ts';
import { memberTls } from '../listeners.ts';
import { memberServices, type ServiceDeps } from './member-services.ts';
import { bearerOf } from '../token-issuer.ts';

export type MemberPlaneDeps = ServiceDeps &
  Pick<MemberPlane, 'metrics' | 'logger' | 'rates'> &
  Required<Pick<MemberPlane, 'recordRefusal' | 'onLimit'>>;

/** Not listening yet. */
export async function openMemberPlane(deps: MemberPlaneDeps): Promise<Server> {
  const { config, recordRefusal, metrics, logger, rates, onLimit } = deps;
  return createMemberServer({
    contract: join(programRoot, 'openapi.yaml'),
    bearer: bearerOf(config),
    services: memberServices(deps),
    ...{ recordRefusal, metrics, logger, rates, onLimit },
    limits: memberLimitsOf(config),
    ...(await memberTls(config)),
  });
}
