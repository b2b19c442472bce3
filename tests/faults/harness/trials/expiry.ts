/** The certificate of one end of a pull reaches its end while a file is pulled; then the member has a new one. */
import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { seconds } from '../../../../src/core/clock.ts';
import { issueCertificate } from '../../../../src/pki/issue.ts';
import { createRequest } from '../../../../src/pki/request.ts';
import { x5t } from '../../../../src/pki/thumbprint.ts';
import type { FaultWorld } from '../fault-world.ts';
import type { Member } from '../found-world.ts';
import { assertInvariants } from '../invariants.ts';
import { signedPacket, stateAtReceiver, transfer } from '../packets.ts';
import { publishWith } from './publish.ts';

/** A start with the certificate, and the beginning of a pull, must fit in. */
const LIFE_MS = 45_000;
/** Five parts: what the kernel and the proxy have taken of two that are in flight was sent before the end, and may come. */
const PACKET_BYTES = 40 * 1024 * 1024;
/** Not half of it comes while the certificate lives, and the holder has no reason to cut off so steady a reader: one connection lasts. */
const BYTES_PER_SECOND = 400_000;
const BEGUN_MS = 30_000;
/** Sockets are looked at every second, and every clock is right. */
const CLOSED_MS = 5_000;

export async function expireWhilePulling(world: FaultWorld, victim: Member): Promise<void> {
  const packetId = await signedPacket(world, PACKET_BYTES);
  const ends = await shortenLife(world, victim);
  world.weather('police-p', 'regulator-r', { bytesPerSecond: BYTES_PER_SECOND, slice: 4096 });
  await transfer(world, packetId);
  await begun(world, packetId);
  assert.ok(Date.now() < ends, 'the pull began when the certificate had ended: the machine is too slow');

  // A pull that breaks off is begun again at once, so that one is always under way.
  for (; Date.now() < ends + CLOSED_MS; await sleep(500)) await world.hurry('police-p');
  world.heal();
  // Over a fair wire all of it would be here in a moment.
  for (let look = 0; look < 5; look += 1, await sleep(1000)) {
    await world.hurry('police-p');
    assert.equal(
      await stateAtReceiver(world, packetId),
      'pulling',
      'pulled under a certificate that had ended',
    );
    assert.deepEqual(await claimed(world, packetId), [], 'a ledger says that it was delivered');
  }

  await renew(world, victim, { exp: new Date(Date.now() + 86_400_000) });
  await assertInvariants(world);
  assert.equal(await stateAtReceiver(world, packetId), 'received');
}

/** Resolves with the end of the certificate with which the member was started. */
async function shortenLife(world: FaultWorld, victim: Member): Promise<number> {
  const exp = new Date(Math.ceil((Date.now() + LIFE_MS) / 1000) * 1000);
  await renew(world, victim, { exp });
  await world.gateway(victim).kill();
  await world.start(victim);
  return exp.getTime();
}

/** As an operator does it: the certificate is listed, then its file takes the place of the old one. */
async function renew(world: FaultWorld, victim: Member, { exp }: { readonly exp: Date }): Promise<void> {
  const { keys, alliance, gateway } = world.place(victim).config;
  const nbf = new Date(Date.now() - 60_000);
  const cert = issueCertificate({
    ca: world.alliance.ca,
    csrPem: createRequest(
      'gateway',
      { commonName: `${victim} ${gateway}` },
      await readFile(keys.tlsKey, 'utf8'),
    ),
    profile: 'gateway',
    names: { uri: `urn:lianzheng:${alliance}:${victim}:${gateway}`, dns: ['localhost'], ip: ['127.0.0.1'] },
    ...{ nbf, exp },
  });
  const listed = { x5t: x5t(cert), nbf: seconds(nbf), exp: seconds(exp) };
  await publishWith(world, victim, (member) => ({
    ...member,
    gateways: member.gateways.map((one) => ({ ...one, certs: [...one.certs, listed] })),
  }));
  await writeFile(`${keys.tlsCert}.new`, cert);
  await rename(`${keys.tlsCert}.new`, keys.tlsCert);
}

/** Until parts are asked for. */
async function begun(world: FaultWorld, packetId: string): Promise<void> {
  for (const deadline = Date.now() + BEGUN_MS; ; await sleep(100)) {
    const state = await stateAtReceiver(world, packetId);
    if (state === 'pulling') return;
    assert.ok(Date.now() < deadline, `the pull has not begun: ${state}`);
  }
}

/** Entries of both ends by which the packet counts as delivered. */
async function claimed(world: FaultWorld, packetId: string): Promise<readonly string[]> {
  const kinds = ['pull.completed', 'packet.received', 'receipt.signed', 'receipt.accepted'];
  const found = await Promise.all(
    (['police-p', 'regulator-r'] as const).map((member) =>
      world.asAdministrator(member, (db) =>
        db.query<{ kind: string }>(
          `SELECT body::json->>'kind' AS kind FROM ledger_entry
           WHERE body::json->'subject'->>'id' = $1 AND body::json->>'kind' = ANY($2)`,
          [packetId, kinds],
        ),
      ),
    ),
  );
  return found.flatMap(({ rows }) => rows.map(({ kind }) => kind));
}
