/** Packets with files, from upload to transfer, by the calls that an officer's client makes. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cast, TRANSFER_GROUP } from '../../../src/demo/cast.ts';
import type { Signatory } from '../../../src/evidence/packet-types.ts';
import { draftFromSample, type SampleCase } from '../../../src/evidence/making/sample-case.ts';
import { signDetached } from '../../../src/pki/cms.ts';
import { readPkcs12 } from '../../../src/pki/pkcs12.ts';
import type { FaultWorld } from './fault-world.ts';
import { call, outcomeOf, type ApiAnswer, type ApiCall } from './member-api.ts';
import type { Operation } from './recorder.ts';

const SENDER = 'regulator-r';
const RECEIVER = 'police-p';

/** Assembles and signs a packet whose first file has so many bytes; returns its id. Throws when a call is refused. */
export async function signedPacket(world: FaultWorld, bytes: number): Promise<string> {
  const draft = JSON.stringify(await draftOf(world, bytes));
  const packetId = String((await good(world, '/v1/packets', { body: draft }))['packetId']);
  const { text } = (await call(world, SENDER, `/v1/packets/${packetId}/manifest`)).body;
  const manifest = Buffer.from(String(text));
  for (const { id } of cast.find((member) => member.id === SENDER)!.people) {
    const file = join(world.place(SENDER).directory, 'people', id);
    const person = readPkcs12(await readFile(`${file}.p12`), await readFile(`${file}.password`, 'utf8'));
    const cms = await signDetached(manifest, person, new Date());
    await good(world, `/v1/packets/${packetId}/signatures`, {
      body: cms,
      type: 'application/pkcs7-signature',
    });
  }
  return packetId;
}

/** The transfer of a signed packet, as one operation. */
export function transfer(world: FaultWorld, packetId: string): Promise<Operation> {
  const body = JSON.stringify({ to: RECEIVER });
  return world.recorder.record({ act: 'packet', member: SENDER, key: packetId }, async () =>
    outcomeOf(await call(world, SENDER, `/v1/packets/${packetId}/transfers`, { method: 'POST', body })),
  );
}

/** State of a packet at the receiver; undefined while it has not heard of it. */
export async function stateAtReceiver(world: FaultWorld, packetId: string): Promise<string | undefined> {
  const { rows } = await world.asAdministrator(RECEIVER, (db) =>
    db.query<{ state: string }>('SELECT state FROM packet_inbound WHERE packet_id = $1', [packetId]),
  );
  return rows[0]?.state;
}

export function upload(
  world: FaultWorld,
  member: typeof SENDER | typeof RECEIVER,
  body: Buffer,
): Promise<ApiAnswer> {
  return call(world, member, '/v1/blobs', { method: 'POST', body, type: 'application/octet-stream' });
}

async function draftOf(world: FaultWorld, bytes: number) {
  const path = new URL('../../../samples/cases/case-01.json', import.meta.url);
  const sample = JSON.parse(await readFile(path, 'utf8')) as SampleCase;
  const blobs: Record<string, { readonly sha256: string; readonly size: number }> = {};
  for (const [itemNo, text] of Object.entries(sample.files)) {
    const body = Buffer.concat([Buffer.from(text), randomBytes(Object.keys(blobs).length === 0 ? bytes : 8)]);
    await good(world, '/v1/blobs', { body, type: 'application/octet-stream' });
    blobs[itemNo] = { sha256: createHash('sha256').update(body).digest('hex'), size: body.length };
  }
  const { people } = cast.find(({ id }) => id === SENDER)!;
  const registered = world.alliance.registry.body.members.find(({ id }) => id === SENDER);
  const signatories = people.map(
    ({ name, roles }, at) => ({ role: roles[0], name, x5t: registered?.signers[at]?.x5t }) as Signatory,
  );
  return draftFromSample(sample, { group: TRANSFER_GROUP, receiver: RECEIVER, signatories, blobs });
}

async function good(world: FaultWorld, path: string, request: ApiCall): Promise<ApiAnswer['body']> {
  const { status, body } = await call(world, SENDER, path, { method: 'POST', ...request });
  if (status >= 300) throw new Error(`${path} answered ${status}: ${JSON.stringify(body).slice(0, 400)}`);
  return body;
}
