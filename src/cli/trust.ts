/** What an anchors file makes the verifier believe: the chain of registries, and nothing beside it. */
import type { JsonValue } from '../core/canonical.ts';
import { GatewayError } from '../core/errors.ts';
import type { BundleTrust } from '../evidence/verify-bundle.ts';
import { readAnchors, type Anchors } from '../federation/alliance.ts';
import { readRegistryChain } from '../federation/registry-chain.ts';
import type { VerifiedRegistry } from '../federation/registry-document.ts';
import { createRegistryView } from '../federation/registry-view.ts';
import type { LedgerTrust, TrustedKey, TrustedLedger } from '../ledger/verify.ts';
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

export function bundleTrust({ chain }: Trust, schemas: SchemaRegistry): BundleTrust {
  const views = chain.map(createRegistryView);
  return {
    registryAt: (serial, sha256) => {
      const view = views.find((one) => one.serial === serial && one.sha256 === sha256);
      return view && { cas: view.body.cas, signer: (x5t) => view.signer(x5t) };
    },
    schemaCheck: (id, value) => schemas.validate(id, value),
  };
}

export function ledgerTrust({ chain }: Trust): LedgerTrust {
  const ledgers = new Map<string, TrustedLedger>();
  for (const [at, registry] of chain.entries()) {
    const next = chain[at + 1]?.body.issuedAt;
    for (const { id, ledger } of registry.body.members) {
      const known = ledgers.get(ledger.origin) ?? { member: id, origin: ledger.origin, vkeys: [] };
      const vkeys = withKey(known.vkeys, ledger.vkey, { nbf: registry.body.issuedAt, exp: next });
      ledgers.set(ledger.origin, { ...known, vkeys });
    }
  }
  const registryDigests = new Map(chain.map(({ body, sha256 }) => [body.serial, sha256]));
  return { ledgers: [...ledgers.values()], registryDigests };
}

/** A key was valid from the first registry that lists it until the first after that which does not. */
function withKey(
  known: readonly TrustedKey[],
  vkey: string,
  { nbf, exp }: { readonly nbf: string; readonly exp: string | undefined },
): TrustedKey[] {
  const earlier = known.find((key) => key.vkey === vkey);
  const others = known.filter((key) => key !== earlier);
  // The first registry says nothing of when its keys began: a log may be older than the alliance.
  const from =
    earlier === undefined
      ? known.length === 0
        ? {}
        : { nbf }
      : earlier.nbf === undefined
        ? {}
        : { nbf: earlier.nbf };
  return [...others, { vkey, ...from, ...(exp === undefined ? {} : { exp }) }];
}
