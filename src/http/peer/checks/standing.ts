/** Whether an authenticated caller still is what it was: asked when the body has come, and while an exchange runs. */
import { seconds } from '../../../core/clock.ts';
import { GatewayError } from '../../../core/errors.ts';
import { validAt } from '../../../federation/registry/registry-view.ts';
import { connectionOf } from '../connection.ts';
import type { Authenticated } from '../exchange.ts';
import type { PeerPlane } from '../peer-plane.ts';
import { registeredMember } from './caller.ts';
import type { Socket } from 'node:net';

/** Throws `tls.*`, `token.key-*`, `grant.refused` by the registry and the clock of now. */
export function checkStanding(plane: PeerPlane, call: Authenticated, socket: Socket): void {
  const { claims, caller } = call;
  const [view, now] = [plane.registry.current(), plane.clock()];
  registeredMember(connectionOf(socket), view, now);

  const key = view.sealKey(caller.member, call.key.kid);
  if (key === undefined) throw new GatewayError('token.key-unknown');
  if (!validAt(key, claims.iat) || seconds(now) > key.exp) throw new GatewayError('token.key-revoked');

  // Only what ended: a group that the caller never was in is refused by its grant, in order.
  const was = caller.registry.inGroup(claims.grp, caller.member);
  if (was && !view.inGroup(claims.grp, caller.member)) {
    throw new GatewayError('grant.refused', `the membership in ${claims.grp} has ended`, {
      facts: { unmet: 'group-member' },
    });
  }
}
