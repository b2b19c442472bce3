/** A second peer plane, opened when it is first asked for: its servers have limits of their own. */
import { openPeerWorld, type PeerWorld } from '../http/peer/world.ts';

let opened: Promise<PeerWorld> | undefined;

export const small = (): Promise<PeerWorld> => (opened ??= openPeerWorld());

export async function closeSmallWorld(): Promise<void> {
  await (await opened)?.close();
}
