/** The same request again: at once, in another process, after a restart, after its end, with other content. */
import { pino } from 'pino';
import { newId, newNonce } from '../../../src/core/ids.ts';
import { openGateway, type Gateway } from '../../../src/gateway/gateway.ts';
import { freePort } from '../../../src/storage/embedded-postgres.ts';
import { forge, type Forged } from '../../exchange/forge.ts';
import { closeConnections, send } from '../../exchange/send.ts';
import type { WireWorld } from '../../exchange/wire-world.ts';
import { sent, signed, unsigned, type AttackCase, type Outcome } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import { startMinute } from '../rest.ts';

const COPIES = 200;
/** Below the concurrency that one member is allowed. */
const AT_ONCE = 100;
const SINGLY = 20;
const once = signed('token.replayed', { entries: ['message.accepted', 'exchange.refused'], honest: true });

/** Every code but the one good answer's must be the same; status −1 when more than one was accepted. */
async function copies(one: Forged, wires: readonly WireWorld[], count: number): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) outcomes.push(await sent(wires[at % wires.length]!, one));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const refused = outcomes.filter(({ status }) => status !== 200);
  const codes = new Set(refused.map(({ code }) => code));
  if (refused.length !== count - 1 || codes.size !== 1) return { status: -1, code: [...codes].join() };
  return refused[0]!;
}

/** A second process of the receiver: its own listener, pools and memory over the same database. */
async function beside<T>(
  world: AttackWorld,
  work: (wire: WireWorld, gateway: Gateway) => Promise<T>,
): Promise<T> {
  const { config } = world.receiver;
  const [peer, member] = [await freePort(), await freePort()];
  const second = {
    ...config,
    peer: { ...config.peer, port: peer },
    memberPlane: { ...config.memberPlane, port: member },
  };
  const gateway = await openGateway(second, pino({ level: 'info' }, world.watch.logs), world.clock);
  const wire: WireWorld = { ...world, receiver: { ...world.receiver, config: second } };
  try {
    return await work(wire, gateway);
  } finally {
    closeConnections(wire);
    await gateway.close();
  }
}

const again = (
  name: string,
  attack: AttackCase['attack'],
  expect: AttackCase['expect'] = once,
): AttackCase => ({ name, threat: 'replay', attack, expect });

export const replayCases: readonly AttackCase[] = [
  again('the same request twice', async (world) => {
    const one = await forge(world);
    await send(world, one);
    return sent(world, one);
  }),
  again(
    `${COPIES} copies at once: one is accepted`,
    async (world) => {
      await startMinute(world);
      return copies(await forge(world), [world], COPIES);
    },
    { ...once, entries: ['message.accepted', ...Array.from({ length: SINGLY }, () => 'exchange.refused')] },
  ),
  again(
    'copies at two processes of one gateway: one is accepted',
    async (world) => {
      await startMinute(world);
      return beside(world, async (wire) => copies(await forge(world), [world, wire], 20));
    },
    { ...once, entries: ['message.accepted', ...Array.from({ length: 19 }, () => 'exchange.refused')] },
  ),
  again('after the process that accepted it has died', async (world) => {
    const one = await forge(world);
    const first = await beside(world, (wire) => sent(wire, one));
    if (first.status !== 200) return first;
    return beside(world, (wire) => sent(wire, one));
  }),
  again(
    'after its end',
    async (world) => {
      const one = await forge(world);
      await send(world, one);
      await startMinute(world);
      await startMinute(world);
      await startMinute(world);
      return sent(world, one);
    },
    unsigned('token.expired', { entries: ['message.accepted', 'exchange.refused'], honest: true }),
  ),
  again('a used jti in a new token', async (world) => {
    const jti = newNonce();
    await send(world, await forge(world, { claims: { jti } }));
    return sent(world, await forge(world, { claims: { jti } }));
  }),
  again('a used jti on another endpoint', async (world) => {
    const jti = newNonce();
    await send(world, await forge(world, { claims: { jti } }));
    return sent(
      world,
      await forge(world, { claims: { jti }, path: '/x/v1/status', body: JSON.stringify({ ids: [newId()] }) }),
    );
  }),
  again(
    'a jti that was used for a body that was refused',
    async (world) => {
      const one = await forge(world);
      await send(world, { ...one, wire: Buffer.alloc(one.wire.length, 0x20) });
      return sent(world, one);
    },
    { ...signed('token.replayed'), entries: ['exchange.refused', 'exchange.refused'] },
  ),
  again(
    'a jti that a process refused, which has died since',
    async (world) => {
      const one = await forge(world);
      const refused = await beside(world, (wire) =>
        sent(wire, { ...one, wire: Buffer.alloc(one.wire.length, 0x20) }),
      );
      if (refused.code !== 'exchange.digest-mismatch') return refused;
      return beside(world, (wire) => sent(wire, one));
    },
    { ...signed('token.replayed'), entries: ['exchange.refused', 'exchange.refused'] },
  ),
  again(
    "the token of a retry, after the process that gave it the first try's answer has died",
    async (world) => {
      const fixed = { mid: newId(), content: { id: newId(), createdAt: world.clock().toISOString() } };
      const body = (await forge(world, fixed)).wire;
      await send(world, await forge(world, { ...fixed, body }));
      const retry = await forge(world, { ...fixed, body });
      const answer = await beside(world, (wire) => sent(wire, retry));
      if (answer.status !== 200) return answer;
      return beside(world, (wire) => sent(wire, retry));
    },
  ),
  again(
    'the same id with other content',
    async (world) => {
      const mid = newId();
      await send(world, await forge(world, { mid }));
      return sent(world, await forge(world, { mid }));
    },
    signed('exchange.id-conflict', { entries: ['message.accepted', 'exchange.refused'], honest: true }),
  ),
  again(
    'the same envelope under another id',
    async (world) => {
      const content = { id: newId(), createdAt: world.clock().toISOString() };
      await send(world, await forge(world, { content }));
      return sent(world, await forge(world, { content }));
    },
    signed('exchange.id-conflict', { entries: ['message.accepted', 'exchange.refused'], honest: true }),
  ),
  again(
    "another member's id for a message of one's own: it is accepted, each issuer has ids of its own",
    async (world) => {
      const mid = newId();
      await send(world, await forge(world, { mid }));
      return sent(world.wires.police, await forge(world.wires.police, { mid }));
    },
    { status: 200, signed: true, entries: ['message.accepted', 'message.accepted'], honest: true },
  ),
  again(
    'a token of bank-a, forwarded by police-p',
    async (world) => {
      const one = await forge(world);
      return sent(world.wires.police, { ...one, as: 'sender' });
    },
    unsigned('token.key-unknown'),
  ),
];
