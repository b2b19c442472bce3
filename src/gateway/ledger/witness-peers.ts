/** Whom we ask about our own ledger, and how: the policy's witnesses, and every peer that was shown something of it. */
import type { GatewayConfig } from '../../config.ts';
import { sha256Hex } from '../../core/digest.ts';
import { offersIn } from '../../federation/held-offers.ts';
import type { PeerClient } from '../../federation/peers/peer-client.ts';
import type { RegistryKeeper } from '../../federation/registry/registry-keeper.ts';
import type { AskedWitness } from '../../ledger/witness/ask-witness.ts';
import type { Holding, Remembering } from '../../ledger/witness/clearance.ts';
import { NO_WITNESSES, readPolicy, type WitnessPolicy } from '../../ledger/witness/policy.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';

export interface AskingDeps {
  readonly config: GatewayConfig;
  readonly registry: Pick<RegistryKeeper, 'current'>;
  readonly peers: Pick<PeerClient, 'get' | 'post'>;
  readonly ledger: { readonly origin: string };
}

/** Bytes; a note or 16 tokens, several times over. */
const MAX_ANSWER = 256 * 1024;

export function policyOf({ registry }: Pick<AskingDeps, 'registry'>): WitnessPolicy {
  const { witnessPolicy } = registry.current().body;
  return witnessPolicy === null ? NO_WITNESSES : readPolicy(witnessPolicy);
}

/** The policy's witnesses but our own, which never cosigns our log. */
export function othersWitnesses(
  registry: AskingDeps['registry'],
  member: string,
): WitnessPolicy['witnesses'] {
  const own = registry.current().member(member)?.ledger.witnessVkey;
  return policyOf({ registry }).witnesses.filter(({ vkey }) => vkey !== own);
}

/** The policy's witnesses that are active members other than ourselves; strangers' are verified but not asked. */
export function askedOf(deps: AskingDeps): (AskedWitness & Remembering)[] {
  const { registry, peers, config, ledger } = deps;
  const { members } = registry.current().body;
  const path = `/witness/${sha256Hex(ledger.origin)}/checkpoint`;
  return policyOf(deps).witnesses.flatMap(({ name, vkey }) => {
    const member = members.find((one) => one.ledger.witnessVkey === vkey && one.status === 'active');
    if (member === undefined || member.id === config.member) return [];
    return {
      name,
      vkey,
      post: async (body, signal) => {
        const request = { body: Buffer.from(body), signal, maxBytes: MAX_ANSWER };
        return textOf(await peers.post(member.id, '/witness/add-checkpoint', request));
      },
      latest: async (signal) => {
        const { status, body } = textOf(await peers.get(member.id, path, { signal, maxBytes: MAX_ANSWER }));
        if (status === 200) return body;
        if (status === 404) return undefined;
        throw new Error(`witness ${name} answered ${status}`);
      },
    };
  });
}

export function holdersOf({ registry, peers, config }: AskingDeps): Holding[] {
  const view = registry.current();
  const others = view.body.members.filter(({ id, status }) => id !== config.member && status === 'active');
  return others.map(({ id }) => ({
    name: id,
    shown: async (signal) => {
      const limits = { signal, maxBytes: MAX_ANSWER };
      const { status, body } = await peers.get(id, '/witness/receipts', limits);
      const { tokens } = (status === 200 ? parseStrictJson(body) : {}) as { readonly tokens?: unknown };
      return offersIn(Array.isArray(tokens) ? tokens : [], config.member, view);
    },
  }));
}

function textOf({ status, body }: { readonly status: number; readonly body: Buffer }) {
  return { status, body: body.toString('utf8') };
}
