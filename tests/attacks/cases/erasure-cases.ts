/** Erasing what another member issued (docs/decisions/0013): over the wire never, on one's own system one's own copy alone. */
import { newId } from '../../../src/core/ids.ts';
import { FEATURE_GROUP, TRANSFER_GROUP } from '../../../src/demo/cast.ts';
import { listErasures } from '../../../src/features/erasure/list-erasures.ts';
import { pushFeatures } from '../../../src/features/push.ts';
import { forge, personalFeature, type Change } from '../../exchange/forge.ts';
import type { WireWorld } from '../../exchange/wire-world.ts';
import { tracesOf } from '../../features/traces.ts';
import { sent, signed, type AttackCase, type Expectation, type Outcome } from '../attack.ts';
import type { AttackMember, AttackWorld } from '../attack-world.ts';
import { ask, bearer, refusal } from './member-plane-cases.ts';

interface Named {
  readonly envelope: string;
  readonly feature: string;
}
interface Shared extends Named {
  readonly value: string;
}
const held = 'message.accepted';

/** Numbers of a block that belongs to nobody. */
let number = 15400010000;
const nextPhone = (): string => `+86${(number += 1)}`;

/** A batch with a person's number, sent to regulator-r. */
async function share(wire: WireWorld, ids: Partial<Named> = {}): Promise<Shared> {
  const value = nextPhone();
  const { feature, disclosure } = personalFeature(wire, value);
  const [envelope, id] = [ids.envelope ?? newId(), ids.feature ?? newId()];
  const content = { id: envelope };
  const batch = await forge(wire, { feature: { ...feature, id }, disclosures: [disclosure], content });
  const { status, code } = await sent(wire, batch);
  if (status !== 200) throw new Error(`the batch to be erased is refused: ${code}`);
  return { value, envelope, feature: id };
}

function erasureOf(wire: WireWorld, features: readonly Named[], content: Change['content'] = {}): Change {
  const id = 'urn:lianzheng:schema:erasure:1.0.0';
  const named = features.map(({ envelope, feature }) => ({ envelope, feature }));
  return {
    content: {
      ...{ kind: 'erasure', legalBasis: ['PIPL-47'] },
      schema: { id, sha256: wire.schemas.digest(id) },
      body: { erasureId: newId(), reason: 'other', features: named },
      ...content,
    },
  };
}

/** Which of the values the gateway still holds, wherever in its database. */
async function stillHeld(world: AttackWorld, values: readonly string[], at: AttackMember = 'regulator-r') {
  const { database } = world.gateways[at];
  const traces = await Promise.all(values.map((value) => tracesOf(database, [value])));
  return values.filter((_value, n) => traces[n]!.length > 0).length;
}

/** Status −1 unless so many of the values are held in the end. */
const wire = (
  name: string,
  attack: (world: AttackWorld) => Promise<{ outcome: Outcome; values: readonly string[]; kept: number }>,
  expect: Expectation,
): AttackCase => ({
  name,
  threat: 'rogue-member',
  attack: async (world) => {
    const { outcome, values, kept } = await attack(world);
    const left = await stillHeld(world, values);
    return left === kept ? outcome : { status: -1, code: `${left} of ${values.length} values are held` };
  },
  expect: { ...expect, honest: true },
});

const notIssuer = (batches: number): Expectation =>
  signed('erasure.not-issuer', { entries: [...Array<string>(batches).fill(held), 'exchange.refused'] });

const onTheWire: readonly AttackCase[] = [
  wire(
    "the issuer's own erasure, which is obeyed",
    async (world) => {
      const own = await share(world);
      const outcome = await sent(world, await forge(world, erasureOf(world, [own])));
      return { outcome, values: [own.value], kept: 0 };
    },
    { status: 200, signed: true, entries: [held, held, 'subject.erased'] },
  ),
  wire(
    "another issuer's feature",
    async (world) => {
      const { police } = world.wires;
      const theirs = await share(world);
      const outcome = await sent(police, await forge(police, erasureOf(police, [theirs])));
      return { outcome, values: [theirs.value], kept: 1 };
    },
    notIssuer(1),
  ),
  wire(
    "another issuer's feature behind one's own: neither is erased",
    async (world) => {
      const { police } = world.wires;
      const [own, theirs] = [await share(police), await share(world)];
      const outcome = await sent(police, await forge(police, erasureOf(police, [own, theirs])));
      return { outcome, values: [own.value, theirs.value], kept: 2 };
    },
    notIssuer(2),
  ),
  wire(
    "another issuer's ids on a batch of one's own: one's own value goes, the issuer's stays",
    async (world) => {
      const { police } = world.wires;
      const theirs = await share(world);
      const own = await share(police, theirs);
      const outcome = await sent(police, await forge(police, erasureOf(police, [own])));
      return { outcome, values: [own.value, theirs.value], kept: 1 };
    },
    { status: 200, signed: true, entries: [held, held, held, 'subject.erased'] },
  ),
  wire(
    "another issuer's name on the order",
    async (world) => {
      const { police } = world.wires;
      const theirs = await share(world);
      const order = erasureOf(police, [theirs], { issuer: 'bank-a' });
      return { outcome: await sent(police, await forge(police, order)), values: [theirs.value], kept: 1 };
    },
    signed('envelope.issuer-mismatch', { entries: [held, 'exchange.refused'] }),
  ),
  wire(
    'an order in a group where nothing may be erased',
    async (world) => {
      const { police } = world.wires;
      const theirs = await share(world);
      const order = erasureOf(police, [theirs], { group: TRANSFER_GROUP, purpose: 'CRIMINAL_TRANSFER' });
      return { outcome: await sent(police, await forge(police, order)), values: [theirs.value], kept: 1 };
    },
    signed('grant.refused', { entries: [held, 'exchange.refused'] }),
  ),
];

async function order(world: AttackWorld, body: object, claims: object = {}): Promise<Outcome> {
  const authorization = `Bearer ${await bearer(world, { claims })}`;
  const headers = { 'content-type': 'application/json' };
  const whole = JSON.stringify({ reason: 'other', legalBasis: ['PIPL-47'], ...body });
  return ask(world, { method: 'POST', path: '/v1/erasures', headers, body: whole, authorization });
}

/** The system of regulator-r erases what bank-a pushed to all: its own copy goes, nobody else is told or obeys. */
const ownCopyAlone: AttackCase = {
  name: "a feature that another member issued: one's own copy goes, the issuer and the others keep theirs",
  threat: 'rogue-member',
  victim: ({ gateways }) => gateways['police-p'],
  attack: async (world) => {
    const { 'bank-a': bank, 'police-p': police, 'regulator-r': regulator } = world.gateways;
    const value = nextPhone();
    const lines = [{ type: 'phone', value, confidence: 90 }];
    const sharing = { group: FEATURE_GROUP, purpose: 'RISK_PREVENTION', legalBasis: ['PIPL-13'] };
    await pushFeatures(bank.features, { ...sharing, lines, actor: 'attacker' });
    await bank.delivery.idle();
    const outcome = await order(world, { type: 'phone', value });
    await regulator.delivery.idle();
    const [act] = await listErasures(regulator.features, 1);
    if (act?.notices.length !== 0) return { status: -1, code: 'another member was told' };
    const held = await Promise.all(
      [bank, police, regulator].map((one) => stillHeld(world, [value], one.config.member as AttackMember)),
    );
    if (held.join() !== '1,1,0') return { status: -1, code: `held ${held.join()}` };
    return outcome;
  },
  expect: { status: 201, entries: [held], honest: true },
};

const plane = (name: string, attack: AttackCase['attack'], expect: Expectation): AttackCase => ({
  name,
  threat: 'member-plane',
  attack,
  expect,
});
const onOwnSystems: readonly AttackCase[] = [
  ownCopyAlone,
  plane(
    'an erasure without its scope',
    async (world) =>
      order(world, { type: 'phone', value: nextPhone() }, { scope: 'features:write features:read admin' }),
    refusal('auth.scope-missing', { entries: ['request.refused'] }),
  ),
  plane(
    'an erasure of a feature that nobody has',
    (world) => order(world, { featureId: newId() }),
    refusal('feature.not-found', { entries: ['request.refused'] }),
  ),
  plane(
    'an erasure of what is nobody',
    (world) => order(world, { type: 'domain', value: 'evil.example' }),
    refusal('erasure.not-personal', { entries: ['request.refused'] }),
  ),
  plane(
    'an erasure of a value and of a feature at once',
    (world) => order(world, { type: 'phone', value: nextPhone(), featureId: newId() }),
    refusal('erasure.subject-invalid', { entries: ['request.refused'] }),
  ),
];

export const erasureCases: readonly AttackCase[] = [...onTheWire, ...onOwnSystems];
