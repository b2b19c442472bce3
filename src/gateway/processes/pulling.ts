/** Pulls bundles where this process delivers; elsewhere only ends what its own callers began to seal before it died. */
import type { GatewayConfig } from '../../config.ts';
import { startPulls, type PullDeps, type Pulls } from '../../evidence/pull.ts';
import { resumeSealing } from '../../evidence/making/seal-bundle.ts';
import { readRoles } from './roles.ts';

export function pullsOf(
  { roles }: Pick<GatewayConfig, 'roles'>,
  deps: PullDeps,
  onError: (error: unknown) => void,
): Pick<Pulls, 'kick' | 'close'> {
  if (readRoles(roles).has('delivery')) return startPulls(deps, { onError });
  const resumed = resumeSealing(deps).catch(onError);
  return { kick: () => undefined, close: () => resumed };
}
