/** One request sent many times, by somebody who has the sender's keys. */
import assert from 'node:assert/strict';
import { forge } from '../../../exchange/forge.ts';
import { closeConnections, send, type Answer } from '../../../exchange/send.ts';
import type { FaultWorld } from '../fault-world.ts';
import { push } from '../pushes.ts';
import { wireTo } from '../wire-to.ts';

/** A member may have 64 connections, those of its own gateway included; what is more is turned away at the door. */
const AT_ONCE = 40;

/** Of `copies`, as many at once as a member may have connections for, and one more after a restart, exactly one is accepted; the others are told that it was used. */
export async function replay(world: FaultWorld, copies: number): Promise<void> {
  const { outcome } = await push(world, 'bank-a');
  assert.equal(outcome, 'ok');
  const wire = await wireTo(world, 'bank-a', 'police-p');
  try {
    const forged = await forge(wire);
    const answers: Answer[] = [];
    let left = copies;
    const caller = async (): Promise<void> => {
      while (left-- > 0) answers.push(await send(wire, forged));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, caller));
    await world.gateway('police-p').kill();
    await world.startAll();
    closeConnections(wire);
    answers.push(await send(wire, forged));
    const codes = answers.map(({ status, body }) => (status === 200 ? 'accepted' : codeOf(body)));
    assert.equal(codes.filter((code) => code === 'accepted').length, 1, 'a token counts once');
    const others = new Set(codes.filter((code) => code !== 'accepted'));
    assert.deepEqual([...others], ['token.replayed'], 'every other use is told so');
    const { rowCount } = await world.asAdministrator('police-p', (db) =>
      db.query('SELECT 1 FROM inbox WHERE mid = $1', [forged.mid]),
    );
    assert.equal(rowCount, 1, 'one effect');
  } finally {
    closeConnections(wire);
  }
}

function codeOf(body: Buffer): string {
  return String((JSON.parse(body.toString()) as { code?: unknown }).code);
}
