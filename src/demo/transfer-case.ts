/** Step 3 and 4: the regulator transfers a case and gets a receipt; the police ask the bank for evidence and get it. */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { programRoot } from '../config.ts';
import { EVIDENCE_GROUP, TRANSFER_GROUP } from './cast.ts';
import type { FoundedMember } from './found-member.ts';
import { lianzheng } from './processes.ts';
import { until, type Stage } from './stage.ts';

export interface TransferredBundle {
  readonly packetId: string;
  /** As the police downloaded it. */
  readonly file: string;
}

interface Sample {
  readonly title: string;
  readonly draft: Readonly<Record<string, unknown>> & { readonly items: readonly SampleItem[] };
  readonly files: Readonly<Record<string, string>>;
}

interface SampleItem {
  readonly itemNo: string;
  readonly fileName: string;
}

interface PacketState {
  readonly packetId: string;
  readonly state: string;
  readonly reason?: string;
}

const LARGE_FILE_BYTES = 64 * 1024 * 1024;

/** Three evidence files, the first of 64 MiB; two handlers and the head sign; the police pull, verify, sign the receipt. */
export async function transferCase(stage: Stage): Promise<TransferredBundle> {
  const { narrator } = stage;
  const [regulator, police] = [stage.member('regulator-r'), stage.member('police-p')];
  const draft = await writeDraft(stage, regulator, police);
  const assembled = await lianzheng(['packet', 'assemble', draft], { as: regulator });
  const packetId = String(assembled.result?.['packetId']);
  narrator.say(`regulator-r assembled ${packetId}, three items, one of 64 MiB`);
  for (const person of regulator.cast.people) await sign(regulator, 'sign', packetId, person.id);
  await stateOf(stage, regulator, packetId, ['signed']);
  narrator.say('two handlers and the head signed on their own machines (CAdES)');
  await lianzheng(['packet', 'transfer', packetId, '--to', police.cast.id], { as: regulator });
  await stateOf(stage, police, packetId, ['received']);
  narrator.say('police-p pulled the bundle in parts and verified it');
  await sign(police, 'receipt', packetId, 'intake-1');
  await stateOf(stage, regulator, packetId, ['receipted']);
  narrator.say('the receiving officer signed the receipt 回执; regulator-r holds it');
  return { packetId, file: await download(stage, police, packetId) };
}

/** The officer releases one item and refuses the other, with a reason; the response is a signed bundle too. */
export async function requestEvidence(stage: Stage): Promise<TransferredBundle> {
  const { narrator } = stage;
  const [police, bank] = [stage.member('police-p'), stage.member('bank-a')];
  const made = await lianzheng(
    [
      ...['evidence', 'request', '--to', bank.cast.id, '--group', EVIDENCE_GROUP],
      ...['--notice', '某公经调证字〔2026〕0001号', '--case', 'DEMO-CASE-1', '--basis', 'CPL-54'],
      ...['--item', '1=主体 B02 的账户流水', '--item', '2=主体 B02 的通话录音'],
    ],
    { as: police },
  );
  const requestId = String(made.result?.['requestId']);
  await until('the bank has the request', async () => {
    const { requests } = (await stage.get(bank, '/v1/evidence-requests?direction=in')) as {
      requests: readonly { requestId: string }[];
    };
    return requests.find((request) => request.requestId === requestId);
  });
  const decisions = await writeDecisions(stage, bank);
  const released = await lianzheng(['evidence', 'release', requestId, decisions], { as: bank });
  const packetId = String(released.result?.['packetId']);
  await sign(bank, 'sign', packetId, 'officer-1');
  narrator.say('bank-a released item 1, refused item 2 with a reason, and its officer signed');
  await stateOf(stage, police, packetId, ['received']);
  const file = await download(stage, police, packetId);
  const verified = await lianzheng(['verify', file, '--anchors', stage.alliance.anchorsPath]);
  narrator.say(
    `police-p pulled the answer; offline verification: ${verified.result?.['ok'] === true ? 'valid' : 'INVALID'}`,
  );
  return { packetId, file };
}

async function writeDraft(stage: Stage, sender: FoundedMember, receiver: FoundedMember): Promise<string> {
  const sample = await readSample();
  const directory = join(stage.directory, 'case-01');
  await mkdir(directory, { recursive: true });
  const items = await Promise.all(
    sample.draft.items.map(async (item, at) => {
      const file = `item-${item.itemNo}.csv`;
      const text = sample.files[item.itemNo] ?? '';
      if (at === 0) await writeLargeFile(join(directory, file), text);
      else await writeFile(join(directory, file), text);
      return { ...item, file };
    }),
  );
  const signatories = await signatoriesOf(stage, sender);
  const draft = { ...sample.draft, group: TRANSFER_GROUP, receiver: receiver.cast.id, signatories, items };
  const path = join(directory, 'draft.json');
  await writeFile(path, JSON.stringify(draft, null, 2));
  return path;
}

/** The sample's first item as the officer would describe a file of the bank's own. */
async function writeDecisions(stage: Stage, bank: FoundedMember): Promise<string> {
  const { draft, files } = await readSample();
  const [item] = draft.items;
  if (item === undefined) throw new Error('the sample has no item');
  const directory = join(stage.directory, 'release');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'statement.csv'), files[item.itemNo] ?? '');
  const decisions = {
    signatories: await signatoriesOf(stage, bank),
    decisions: [
      { item: '1', release: true, file: { ...item, itemNo: '0001', file: 'statement.csv' } },
      { item: '2', release: false, reason: '本行不保存该通话录音' },
    ],
  };
  const path = join(directory, 'decisions.json');
  await writeFile(path, JSON.stringify(decisions, null, 2));
  return path;
}

async function readSample(): Promise<Sample> {
  return JSON.parse(await readFile(join(programRoot, 'samples', 'cases', 'case-01.json'), 'utf8')) as Sample;
}

/** People in the order of the cast; the registry has their certificates. */
async function signatoriesOf(stage: Stage, member: FoundedMember) {
  const registered = stage.alliance.registry.body.members.find(({ id }) => id === member.cast.id);
  return member.cast.people.map(({ name, roles }, at) => ({
    role: roles[0],
    name,
    x5t: registered?.signers[at]?.x5t,
  }));
}

async function sign(
  member: FoundedMember,
  act: 'sign' | 'receipt',
  packetId: string,
  person: string,
): Promise<void> {
  const file = join(member.directory, 'people', person);
  await lianzheng(['packet', act, packetId, '--p12', `${file}.p12`, '--password-file', `${file}.password`], {
    as: member,
  });
}

async function stateOf(
  stage: Stage,
  member: FoundedMember,
  packetId: string,
  wanted: readonly string[],
): Promise<void> {
  await until(`packet ${packetId} is ${wanted.join(' or ')} at ${member.cast.id}`, async () => {
    const { packets } = (await stage.get(member, '/v1/packets')) as { packets: readonly PacketState[] };
    const packet = packets.find((one) => one.packetId === packetId);
    if (packet?.state === 'rejected' || packet?.state === 'failed') {
      throw new Error(`packet ${packetId} was ${packet.state} at ${member.cast.id}: ${packet.reason ?? ''}`);
    }
    return packet !== undefined && wanted.includes(packet.state) ? packet : undefined;
  });
}

async function download(stage: Stage, member: FoundedMember, packetId: string): Promise<string> {
  const file = join(stage.directory, `${packetId}.asice`);
  await lianzheng(['packet', 'bundle', packetId, '--out', file], { as: member });
  return file;
}

/** The sample's rows, numbered anew until the file has 64 MiB: every row differs, as in a real statement. */
async function writeLargeFile(path: string, sample: string): Promise<void> {
  const rows = sample.trimEnd().split('\n');
  const out = createWriteStream(path);
  let written = 0;
  for (let number = 0; written < LARGE_FILE_BYTES;) {
    const lines: string[] = [];
    for (let at = 0; at < 2000; at += 1, number += 1)
      lines.push(`${number},${rows[number % rows.length] ?? ''}`);
    const chunk = Buffer.from(`${lines.join('\n')}\n`);
    written += chunk.length;
    if (!out.write(chunk)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}
