/** What the registry says of this gateway, and of those who ask for its ledger. */
import type { GatewayConfig } from '../config.ts';
import { GatewayError } from '../core/errors.ts';
import { decide } from '../federation/grants.ts';
import type { RegistryKeeper, RegistryKeeperOptions } from '../federation/registry/registry-keeper.ts';
import { readOpenings } from '../federation/registry/keeping/openings-directory.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { SchemaRegistry } from '../wire/schema-registry.ts';

/** Peers would refuse everything that this gateway signs with a key, log or address the registry does not list. */
export function demandOwnEntry(config: GatewayConfig, registry: RegistryKeeper, ledger: Ledger): void {
  const { alliance } = registry.current().body;
  if (alliance !== config.alliance) {
    throw new GatewayError(
      'config.invalid',
      `alliance is ${config.alliance}, the anchors and registry are of ${alliance}`,
    );
  }
  const own = registry.current().member(config.member);
  const listed = own?.gateways.some((gateway) => gateway.authority === config.peer.authority) ?? false;
  if (own === undefined || !listed) {
    throw new GatewayError(
      'config.invalid',
      `the registry does not list ${config.member} at ${config.peer.authority}; have the operators list it with lianzheng alliance publish`,
    );
  }
  if (own.ledger.vkey !== ledger.vkey) throw strangeLedgerKey(config, own.ledger.vkey);
}

export function strangeLedgerKey({ member, keys }: GatewayConfig, vkey: string): GatewayError {
  return new GatewayError(
    'config.invalid',
    `the registry lists ${vkey} for ${member}; neither keys.ledger nor ${keys.ledgerNext ?? 'keys.ledgerNext'} is that key`,
  );
}

/** Which hidden groups the registry shows to this gateway. */
export function openingsOf(
  { alliance, registry: { openings } }: GatewayConfig,
  schemas: SchemaRegistry,
): Pick<RegistryKeeperOptions, 'openings'> {
  return openings === undefined ? {} : { openings: () => readOpenings(openings, { alliance, schemas }) };
}

/** Entry bundles are for auditors: any group in which the registry grants the right will do. */
export function mayAudit(member: string, registry: RegistryKeeper, now: Date): boolean {
  const view = registry.current();
  return view.body.grants.some((grant) => {
    const [purpose, basis] = [grant.purposes[0], grant.legalBases[0]];
    if (!grant.may.includes('audit') || purpose === undefined || basis === undefined) return false;
    const request = {
      member,
      right: 'audit',
      group: grant.group,
      kind: 'ledger',
      purpose,
      legalBasis: [basis],
      personal: false,
    } as const;
    return decide(request, view, now).permit;
  });
}
