/** What an anchors file makes the verifier believe: the chain of registries, and nothing beside it. */
import type { JsonValue } from '../core/canonical.ts';
import { GatewayError } from '../core/errors.ts';
import type { RegistryTrust } from '../evidence/checks/signature-checks.ts';
import type { BundleTrust } from '../evidence/verify-bundle.ts';
import { readAnchors, type Anchors } from '../federation/alliance.ts';
import { ledgerKeys } from '../federation/ledger-keys.ts';
import { readRegistryChain } from '../federation/registry/registry-chain.ts';
import type { VerifiedRegistry } from '../federation/registry/registry-document.ts';
import { createRegistryView } from '../federation/registry/registry-view.ts';
import type { LedgerTrust } from '../ledger/verify.ts';
import { readPolicy } from '../ledger/witness/policy.ts';
import type { SchemaRegistry } from '../wire/schema-registry.ts';
import { readJsonFile } from './read-json-file.ts';

export interface Trust {
  readonly anchors: Anchors;
  readonly chain: readonly VerifiedRegistry[];
}

/** Throws when a registry of the file is not signed as the one before it demands. */
export async function readTrust(path: string, schemas: SchemaRegistry): Promise<Trust> {
  const anchors = readAnchors(await readJsonFile(path), schemas);
  const { alliance, operators } = anchors;
  const documents = (anchors.registries ?? []) as unknown as readonly JsonValue[];
  const chain = await readRegistryChain(documents, { alliance, operators, schemas });
  if (chain.length === 0)
    throw new GatewayError('registry.invalid', `${path} holds no registry of ${alliance}`);
  return { anchors, chain };
}

/**
 * Signers are judged by the registry that the bundle pins, and by what any registry since then revoked: when somebody
 * signed is the signer's own word, so a key that was stolen meanwhile proves nothing, not even of last year.
 */
export function bundleTrust({ chain }: Trust, schemas: SchemaRegistry): BundleTrust {
  const views = chain.map(createRegistryView);
  const revocations = chain.at(-1)?.memory?.revoked;
  return {
    registryAt: (serial, sha256) => {
      const view = views.find((one) => one.serial === serial && one.sha256 === sha256);
      if (view === undefined) return undefined;
      const signer: RegistryTrust['signer'] = (x5t) => {
        const listed = view.signer(x5t);
        const revoked = revocations?.get(`signer ${x5t}`);
        return listed === undefined || revoked === undefined ? listed : { ...listed, revoked };
      };
      return { cas: view.body.cas, signer };
    },
    schemaCheck: (id, value) => schemas.validate(id, value),
  };
}

export function ledgerTrust({ chain }: Trust): LedgerTrust {
  const owners = new Map<string, string>();
  for (const { id, ledger } of chain.flatMap(({ body }) => body.members))
    if (!owners.has(ledger.origin)) owners.set(ledger.origin, id);
  const ledgers = [...owners].map(([origin, member]) => ({
    member,
    origin,
    vkeys: ledgerKeys(chain, origin),
  }));
  const registryDigests = new Map(chain.map(({ body, sha256 }) => [body.serial, sha256]));
  const policy = chain.at(-1)?.body.witnessPolicy ?? null;
  return { ledgers, registryDigests, ...(policy === null ? {} : { witnesses: readPolicy(policy) }) };
}
