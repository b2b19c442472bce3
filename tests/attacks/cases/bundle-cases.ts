/** Bundles that no honest member makes: through `lianzheng verify`, and through the pull of the police. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { packetRecord, type PacketRecord } from '../../../src/evidence/packets.ts';
import { receiptDocument } from '../../../src/evidence/handing-over/receipt.ts';
import { findInbound } from '../../../src/evidence/store/inbound-store.ts';
import { transferPacket } from '../../../src/evidence/handing-over/transfer.ts';
import { TRANSFER_GROUP } from '../../../src/demo/cast.ts';
import { run } from '../../cli/console.ts';
import { archiveOf, filesOf, type NamedFile } from '../../evidence/bundle-world.ts';
import { ACTOR, signedPacket } from '../../exchange/evidence-world.ts';
import { forge } from '../../exchange/forge.ts';
import { sent, signed, type AttackCase, type Outcome } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import type { Threat } from '../threats.ts';

type Bend = (bundle: Buffer) => Buffer;
const CENTRAL = Buffer.from('PK\u0001\u0002', 'latin1');
const LOCAL = Buffer.from('PK\u0003\u0004', 'latin1');

/** One honest bundle for all of them: making one takes three signatures. */
const made = new WeakMap<
  AttackWorld,
  Promise<{ packet: PacketRecord; bytes: Buffer; anchors: string; directory: string }>
>();
function honest(world: AttackWorld) {
  const known = made.get(world) ?? make(world);
  made.set(world, known);
  return known;
}

async function make(world: AttackWorld) {
  const packet = await signedPacket(world);
  const bytes = await readFile(world.receiver.evidence.blobs.path(packet.bundle!.sha256));
  const directory = await mkdtemp(join(tmpdir(), 'lianzheng-bundle-'));
  const anchors = join(directory, 'anchors.json');
  const registries = world.receiver.registry.documents();
  await writeFile(anchors, JSON.stringify({ ...world.founded.anchors, registries }));
  return { packet, bytes, anchors, directory };
}

interface Report {
  readonly checks: readonly { readonly code: string; readonly ok: boolean }[];
}

/** The outcome's status is the exit code, its code the first check that fails. */
async function verified(world: AttackWorld, bend: Bend): Promise<Outcome> {
  const { bytes, anchors, directory } = await honest(world);
  const file = join(directory, 'x.asice');
  await writeFile(file, bend(Buffer.from(bytes)));
  const { code, json } = await run(['verify', file, '--anchors', anchors, '--json']);
  return { status: code, code: (json as Report).checks.find(({ ok }) => !ok)?.code };
}

const added =
  (...more: readonly NamedFile[]): Bend =>
  (bundle) =>
    archiveOf([...filesOf(bundle), ...more]);
const named = (name: string): Bend => added({ name, content: Buffer.from('x') });
const patched =
  (signature: Buffer, offset: number, value: number, bytes: 2 | 4 = 2): Bend =>
  (bundle) => {
    bundle.writeUIntLE(value, bundle.lastIndexOf(signature) + offset, bytes);
    return bundle;
  };
const inside =
  (part: string, change: (content: Buffer) => Buffer): Bend =>
  (bundle) =>
    archiveOf(
      filesOf(bundle).map((file) =>
        file.name.endsWith(part) ? { ...file, content: change(Buffer.from(file.content)) } : file,
      ),
    );
const flip = (content: Buffer): Buffer => {
  content[content.length >> 1]! ^= 1;
  return content;
};

interface Bundle {
  readonly threat: Threat;
  readonly name: string;
  readonly code: `E-${string}`;
  readonly bend: Bend;
}
const bundles: readonly Bundle[] = [
  ...[
    '../../etc/cron.d/x',
    '/etc/passwd',
    '..\\..\\x',
    'C:\\x',
    'C:x',
    'a/../../x',
    './x',
    'a//x',
    '.hidden',
    'x\u0000.txt',
    'con',
    'a/nul.txt',
    'x.',
    'a'.repeat(300),
  ].map((name): Bundle => ({
    threat: 'zip-slip',
    name: `a file named ${JSON.stringify(name.slice(0, 24))}`,
    code: 'E-ZIP-NAME',
    bend: named(name),
  })),
  { threat: 'zip-slip', name: 'a symbolic link', code: 'E-ZIP-TYPE', bend: patched(CENTRAL, 40, 0o120777) },
  { threat: 'zip-slip', name: 'a directory', code: 'E-ZIP-TYPE', bend: patched(CENTRAL, 40, 0o040755) },
  { threat: 'zip-slip', name: 'a device', code: 'E-ZIP-TYPE', bend: patched(CENTRAL, 40, 0o060644) },
  {
    threat: 'zip-slip',
    name: 'a file twice',
    code: 'E-ZIP-DUPLICATE',
    bend: (b) => archiveOf([...filesOf(b), filesOf(b)[4]!]),
  },
  {
    threat: 'zip-slip',
    name: 'a file twice, once in capitals',
    code: 'E-ZIP-DUPLICATE',
    bend: (b) => archiveOf([...filesOf(b), { ...filesOf(b)[4]!, name: filesOf(b)[4]!.name.toUpperCase() }]),
  },
  { threat: 'zip-bomb', name: 'a compressed file', code: 'E-ZIP-METHOD', bend: patched(CENTRAL, 10, 8) },
  {
    threat: 'zip-bomb',
    name: 'a file of four gigabytes, by its own word',
    code: 'E-ZIP-METHOD',
    bend: patched(CENTRAL, 24, 0xfffffffe, 4),
  },
  { threat: 'zip-bomb', name: 'files that overlap', code: 'E-ZIP-FORM', bend: patched(CENTRAL, 42, 0, 4) },
  {
    threat: 'zip-bomb',
    name: 'an encrypted file',
    code: 'E-ZIP-ENCRYPTED',
    bend: patched(CENTRAL, 8, 0x801),
  },
  {
    threat: 'zip-bomb',
    name: 'ten megabytes of zeros, deflated, in place of an archive',
    code: 'E-ZIP-OPEN',
    bend: () => deflateRawSync(Buffer.alloc(10_000_000)),
  },
  {
    threat: 'zip-bomb',
    name: 'an end that promises 65,535 files',
    code: 'E-ZIP-OPEN',
    bend: (b) => {
      b.writeUInt16LE(0xffff, b.length - 12);
      b.writeUInt16LE(0xffff, b.length - 14);
      return b;
    },
  },
  {
    threat: 'altered-evidence',
    name: 'a local header unlike the central one',
    code: 'E-ZIP-FORM',
    bend: patched(LOCAL, 10, 0x1234),
  },
  {
    threat: 'altered-evidence',
    name: 'another name in the local header',
    code: 'E-ZIP-FORM',
    bend: (b) => {
      b[b.lastIndexOf(LOCAL) + 30]! ^= 1;
      return b;
    },
  },
  {
    threat: 'altered-evidence',
    name: 'bytes before the archive',
    code: 'E-ZIP-OPEN',
    bend: (b) => Buffer.concat([Buffer.from('#!/bin/sh\n'), b]),
  },
  {
    threat: 'altered-evidence',
    name: 'bytes after the archive',
    code: 'E-ZIP-OPEN',
    bend: (b) => Buffer.concat([b, Buffer.from('x')]),
  },
  {
    threat: 'altered-evidence',
    name: 'a comment at its end',
    code: 'E-ZIP-FORM',
    bend: (b) => {
      b.writeUInt16LE(4, b.length - 2);
      return Buffer.concat([b, Buffer.from('evil')]);
    },
  },
  {
    threat: 'altered-evidence',
    name: 'an archive cut short',
    code: 'E-ZIP-OPEN',
    bend: (b) => b.subarray(0, -7),
  },
  { threat: 'altered-evidence', name: 'nothing', code: 'E-ZIP-OPEN', bend: () => Buffer.alloc(0) },
  { threat: 'altered-evidence', name: 'an altered item', code: 'E-ASIC-DIGEST', bend: inside('.csv', flip) },
  {
    threat: 'altered-evidence',
    name: 'an altered packet',
    code: 'E-ASIC-DIGEST',
    bend: inside('data/packet.json', (c) => Buffer.from(c.toString().replace('"docNo"', '"docNO"'))),
  },
  {
    threat: 'altered-evidence',
    name: 'an altered custody log',
    code: 'E-ASIC-DIGEST',
    bend: inside('custody.jsonl', flip),
  },
  {
    threat: 'altered-evidence',
    name: 'an altered signature',
    code: 'E-SIG-FORM',
    bend: inside('.p7s', (c) => c.subarray(0, -1)),
  },
  {
    threat: 'altered-evidence',
    name: 'a file that no manifest covers',
    code: 'E-ASIC-UNCOVERED',
    bend: named('zzz'),
  },
  {
    threat: 'altered-evidence',
    name: 'a file fewer',
    code: 'E-ASIC-DIGEST',
    bend: (b) => archiveOf(filesOf(b).filter(({ name }) => !name.endsWith('.csv'))),
  },
  {
    threat: 'altered-evidence',
    name: 'another media type',
    code: 'E-MIME',
    bend: inside('mimetype', () => Buffer.from('application/zip')),
  },
];

const verify = ({ threat, name, code, bend }: Bundle): AttackCase => ({
  name: `verify: ${name}`,
  threat,
  attack: (world) => verified(world, bend),
  expect: { status: 1, code, entries: [], honest: true },
});

/** The holder swaps the bytes after signing, under a digest of their own; the police pull what was offered. */
const pulled = ({ threat, name, bend }: Bundle): AttackCase => ({
  name: `pull: ${name}`,
  threat,
  victim: ({ gateways }) => gateways['police-p'],
  attack: async (world) => {
    const { receiver: regulator, gateways } = world;
    const { packetId, bundle } = await signedPacket(world);
    const bytes = bend(await readFile(regulator.evidence.blobs.path(bundle!.sha256)));
    const { sha256 } = await regulator.evidence.blobs.put(Readable.from([bytes]));
    await regulator.database.query(
      'UPDATE packet SET bundle_sha256 = $2, parts = ARRAY[$2], bundle_size = $3 WHERE id = $1',
      [packetId, sha256, bytes.length],
    );
    await transferPacket(regulator.evidence, { packetId, actor: ACTOR });
    await regulator.delivery.idle();
    const { state } = await until(gateways['police-p'], packetId);
    const { code } = await receiptDocument(gateways['police-p'].evidence, packetId).then(
      () => ({ code: 'receipted' }),
      (error: unknown) => error as { code: string },
    );
    return { status: state === 'rejected' ? 0 : -1, code };
  },
  expect: {
    status: 0,
    code: 'packet.state',
    entries: ['message.accepted', 'pull.opened', 'pull.completed', 'packet.rejected'],
    honest: true,
  },
});

async function until(police: AttackWorld['receiver'], packetId: string): Promise<PacketRecord> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(20)) {
    if ((await findInbound(police.database, packetId)) === undefined) continue;
    const record = await packetRecord(police.evidence, packetId);
    if (['rejected', 'failed', 'received'].includes(record.state)) return record;
  }
  throw new Error(`packet ${packetId} never came that far`);
}

const PULLED = [
  'a file named "../../etc/cron.d/x"',
  'a symbolic link',
  'a file twice',
  'a compressed file',
  'files that overlap',
  'an altered item',
  'bytes after the archive',
  'a local header unlike the central one',
];

/** A part of the one honest transfer, asked for by a member that it was not offered to. */
const foreignPart: AttackCase = {
  name: 'a part of a transfer that was made to another member',
  threat: 'confused-deputy',
  attack: async (world) => {
    const { packet } = await honest(world);
    const { receiver: regulator, gateways } = world;
    await transferPacket(regulator.evidence, { packetId: packet.packetId, actor: ACTOR });
    await regulator.delivery.idle();
    await until(gateways['police-p'], packet.packetId);
    const { transfers } = await packetRecord(regulator.evidence, packet.packetId);
    const body = JSON.stringify({ transfer: transfers![0]!.id, sha256: packet.bundle!.sha256, n: 0 });
    return sent(
      world,
      await forge(world, {
        path: '/x/v1/parts',
        body,
        content: { group: TRANSFER_GROUP, purpose: 'CRIMINAL_TRANSFER' },
      }),
    );
  },
  expect: signed('part.not-found', {
    entries: [
      'packet.transferred',
      'message.offered',
      'message.acknowledged',
      'pull.served',
      'exchange.refused',
    ],
    honest: true,
    calls: 2,
  }),
};

export const bundleCases: readonly AttackCase[] = [
  {
    ...verify({
      threat: 'altered-evidence',
      name: 'the honest bundle, which is valid',
      code: 'E-MIME',
      bend: (b) => b,
    }),
    expect: {
      status: 0,
      entries: [
        'packet.assembled',
        ...Array.from({ length: 3 }, () => 'packet.countersigned'),
        'packet.signed',
      ],
      honest: true,
    },
  },
  ...bundles.map(verify),
  ...bundles.filter(({ name }) => PULLED.includes(name)).map(pulled),
  foreignPart,
];
