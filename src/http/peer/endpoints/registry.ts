/** POST /x/v1/registry: registries from a serial on, and the freshness statement. */
import { canonicalBytes } from '../../../core/canonical.ts';
import type { RegistryRequest } from '../../../federation/registry/peers/serve-registry.ts';
import { checkJson, checkShape } from '../checks/json-body.ts';
import type { Endpoint } from '../exchange.ts';

const SCHEMA = 'urn:lianzheng:schema:registry-request:1.0.0';

/** Like the ledger's own paths it tells what every member may know, and acts on nothing: it leaves no entry. */
export const registry: Endpoint = (plane, exchange) => {
  const value = checkJson(exchange.body.bytes);
  const request = checkShape(value, { id: SCHEMA, claim: exchange.claims.sch }, plane.schemas);
  const answer = plane.registryServer.answer(request as unknown as RegistryRequest, exchange.caller.member);
  const body = canonicalBytes(answer);
  return Promise.resolve({
    status: 200,
    mediaType: 'application/json',
    body,
    replayed: false,
    receipt: null,
  });
};
