/** One member's peer plane as an attacker sees it who has another member's keys: tests/exchange forges requests for it. */
import { readFile } from 'node:fs/promises';
import { programSchemas } from '../../../src/config.ts';
import { createRegistryView } from '../../../src/federation/registry/registry-view.ts';
import { x5t } from '../../../src/pki/thumbprint.ts';
import { importSigningKey } from '../../../src/wire/jws.ts';
import type { WireWorld } from '../../exchange/wire-world.ts';
import type { FaultWorld } from './fault-world.ts';
import type { Member } from './found-world.ts';

/** As much of a WireWorld as `forge` and `send` need: the gateways are other processes here. */
export async function wireTo(world: FaultWorld, from: Member, to: Member): Promise<WireWorld> {
  const [sender, receiver] = [world.place(from).config, world.place(to).config];
  const [cert, key, seal] = await Promise.all(
    [sender.keys.tlsCert, sender.keys.tlsKey, sender.keys.seal].map((path) => readFile(path, 'utf8')),
  );
  const registry = { current: () => createRegistryView(world.alliance.registry) };
  const parts = {
    sender: { config: sender },
    receiver: { config: receiver, registry },
    identities: { sender: { cert, key, x5t: x5t(cert!) } },
    keys: { sender: await importSigningKey(JSON.parse(seal!) as never) },
    ca: world.alliance.ca.certPem,
    schemas: programSchemas(),
    offer: await offerOf(world, from, to),
    clock: () => new Date(),
  };
  return parts as unknown as WireWorld;
}

/** The position of a real offer of the sender, so that the ledgers of both still agree about what they say. */
async function offerOf(world: FaultWorld, from: Member, to: Member) {
  const { rows } = await world.asAdministrator(from, (db) =>
    db.query<{ index: string; leaf: string; size: string; root: string }>(
      `SELECT e.seq AS index, encode(e.leaf, 'hex') AS leaf, c.size, encode(c.root, 'hex') AS root
       FROM ledger_entry e JOIN ledger_checkpoint c ON c.size = e.checkpoint_size
       WHERE e.body::json->>'kind' = 'message.offered' AND e.body::json->>'peer' = $1 ORDER BY seq LIMIT 1`,
      [to],
    ),
  );
  const { index, leaf, size, root } = rows[0]!;
  const { origin } = world.alliance.registry.body.members.find(({ id }) => id === from)!.ledger;
  return { origin, index: Number(index), leaf, size: Number(size), root };
}
