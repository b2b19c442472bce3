/** A process that only pulls, for the tests that kill it: `node puller.ts <file with plan and registry>`. */
import { readFileSync } from 'node:fs';
import { startPulls } from '../../src/evidence/pull.ts';
import type { RegistryBody } from '../../src/federation/registry/registry-types.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import { keeperOf, openDeps, type GatewayPlan } from './gateways.ts';

const { plan, body, sha256 } = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as {
  plan: GatewayPlan;
  body: RegistryBody;
  sha256: string;
};
const deps = await openDeps(plan, keeperOf(createRegistryView({ body, sha256 })), false);
const unused = { enqueue: () => Promise.resolve([]), kickDelivery: () => undefined };
startPulls({ ...deps, ...unused }, { pollMs: 20, leaseMs: 600 });
