/** Registries that a peer serves over /x/v1/registry: its answers are signed as they should be, their content is the attack. */
import { sha256Hex } from '../../../src/core/digest.ts';
import type { JsonValue } from '../../../src/core/canonical.ts';
import { nextRegistry } from '../../../src/federation/alliance.ts';
import { signFreshness } from '../../../src/federation/registry/freshness.ts';
import { signRegistry, type RegistryDocument } from '../../../src/federation/registry/registry-document.ts';
import type { RegistryBody } from '../../../src/federation/registry/registry-types.ts';
import { askPeer } from '../../../src/federation/registry/peers/ask-peer.ts';
import { listEvidence } from '../../../src/federation/registry/keeping/registry-store.ts';
import type { AttackCase, Expectation, Outcome } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import { withMaliciousPeer, type Reply, type Script } from '../malicious-peer.ts';
import { FORK, untilResolved } from './fork-cases.ts';

/** What the peer holds: documents by rising serial, the last one its newest, unless it says otherwise. */
interface Served {
  readonly documents: readonly RegistryDocument[];
  readonly says?: { readonly serial?: number; readonly sha256?: string };
  readonly freshness?: object | null;
  readonly reply?: Partial<Reply>;
}
type Serving = (world: AttackWorld) => Served | Promise<Served>;

const bodyOf = ({ payload }: RegistryDocument): RegistryBody =>
  JSON.parse(Buffer.from(payload, 'base64url').toString()) as RegistryBody;

function serve({ documents, says, freshness = null, reply }: Served): Script {
  const newest = documents.at(-1)!;
  const head = { serial: bodyOf(newest).serial, sha256: sha256Hex(Buffer.from(newest.payload, 'base64url')) };
  return ({ body }) => {
    const { from, limit } = JSON.parse(body.toString()) as { from: number; limit: number };
    const asked = documents.filter((one) => bodyOf(one).serial >= from).slice(0, limit);
    const told = { ...head, ...says, documents: asked, more: false, freshness };
    return { body: Buffer.from(JSON.stringify(told)), ...reply };
  };
}

/** Regulator-r asks the peer; status 0 when what it holds is what it held. */
async function asked(world: AttackWorld, served: Served): Promise<Outcome> {
  const { registry } = world.receiver;
  const before = registry.current();
  return withMaliciousPeer(world, { script: serve(served), as: 'receiver' }, async ({ client }) => {
    const deps = { client, registry, schemas: world.schemas };
    const code = await askPeer(deps, 'police-p', AbortSignal.timeout(25_000)).then(
      () => undefined,
      (error: unknown) => (error as { code: string }).code,
    );
    return { status: registry.current() === before ? 0 : -2, code };
  });
}

const peer = (
  name: string,
  serving: Serving,
  code?: NonNullable<Expectation['code']>,
  calls = 1,
): AttackCase => ({
  name,
  threat: 'registry-rollback',
  attack: async (world) => asked(world, await serving(world)),
  expect: { status: 0, ...(code === undefined ? {} : { code }), entries: [], calls },
});

/** The other document is kept with the name of who showed it; traffic waits until an operator has spoken. */
const fork = (name: string, serving: Serving): AttackCase => ({
  name,
  threat: 'registry-rollback',
  attack: async (world) => {
    const served = await serving(world);
    const outcome = await asked(world, served);
    const kept = (await listEvidence(world.receiver.database)).at(-1);
    const shown = served.documents.map((one) => JSON.stringify(one.payload));
    const isKept = kept?.source === 'police-p' && shown.some((payload) => kept.document.includes(payload));
    return isKept ? untilResolved(world, outcome) : { status: -3, code: `kept: ${kept?.source}` };
  },
  expect: { status: 0, code: 'registry.fork', ...FORK },
});

const operators = ({ founded }: AttackWorld) => founded.operatorKeys.slice(0, 2);
const ours = ({ receiver }: AttackWorld): RegistryDocument => receiver.registry.documents().at(-1)!;
/** Evidence is kept once for each payload: every fork has words of its own. */
const other = (world: AttackWorld, expiresInDays: number): RegistryBody => ({
  ...world.receiver.registry.current().body,
  expiresAt: new Date(Date.now() + expiresInDays * 86_400_000).toISOString(),
});
const next = (world: AttackWorld): RegistryBody =>
  nextRegistry(world.receiver.registry.current(), {}, { now: new Date() });
const one = async (document: Promise<RegistryDocument> | RegistryDocument): Promise<Served> => ({
  documents: [await document],
});

const forks: readonly AttackCase[] = [
  fork('another registry under the serial that we hold', (w) =>
    one(signRegistry(other(w, 31), operators(w))),
  ),
  fork('another first registry', (w) =>
    one(signRegistry({ ...w.founded.registry.body, groups: [], grants: [] }, operators(w))),
  ),
  fork('a successor of another registry, and that one when it is asked for', async (w) => {
    const body = other(w, 32);
    const document = await signRegistry(body, operators(w));
    const sha256 = sha256Hex(Buffer.from(document.payload, 'base64url'));
    const after = nextRegistry({ body, sha256 }, {}, { now: new Date() });
    return { documents: [document, await signRegistry(after, operators(w))] };
  }),
];

const unproven = 'registry.signature-invalid';
const refusals: readonly AttackCase[] = [
  peer(
    'another registry under our serial, signed by one',
    (w) => one(signRegistry(other(w, 33), operators(w).slice(0, 1))),
    unproven,
    2,
  ),
  peer(
    'another registry under our serial, unsigned',
    (w) => one(signRegistry(other(w, 34), [])),
    'registry.invalid',
    2,
  ),
  peer(
    'another registry under the signatures of ours',
    async (w) => one({ ...(await signRegistry(other(w, 35), [])), signatures: ours(w).signatures }),
    unproven,
    2,
  ),
  peer(
    'the next registry, signed by one',
    (w) => one(signRegistry(next(w), operators(w).slice(0, 1))),
    unproven,
    2,
  ),
  peer(
    'the next registry, tampered with',
    async (w) => {
      const { signatures } = await signRegistry(next(w), operators(w));
      return one({ ...(await signRegistry({ ...next(w), grants: [] }, [])), signatures });
    },
    unproven,
    2,
  ),
  peer('an older registry as the newest', (w) => ({
    documents: w.receiver.registry.documents().slice(0, 1),
  })),
  peer(
    'another digest under our serial, and nothing to show for it',
    (w) => ({ documents: [ours(w)], says: { sha256: 'ab'.repeat(32) } }),
    undefined,
    2,
  ),
  peer('a newer registry, and nothing to show for it', (w) => ({
    documents: [ours(w)],
    says: { serial: 9 },
  })),
  peer(
    'the statement of a stranger, who calls another registry fresh',
    async (w) => ({
      documents: [ours(w)],
      freshness: await signFreshness(
        { ...w.receiver.registry.current(), sha256: 'cd'.repeat(32) },
        w.keys.sender,
        {
          now: w.clock(),
        },
      ),
    }),
    unproven,
  ),
  peer(
    'a registry in an answer that another member signed',
    (w) => ({ documents: [ours(w)], reply: { signer: w.keys.sender } }),
    'exchange.response-invalid',
  ),
  peer(
    'documents that are no documents',
    (w) => ({
      documents: [ours(w)],
      reply: { body: Buffer.from(JSON.stringify({ serial: 2, documents: 'all' } satisfies JsonValue)) },
    }),
    'schema.invalid',
  ),
];

export const registryPeerCases: readonly AttackCase[] = [...forks, ...refusals];
