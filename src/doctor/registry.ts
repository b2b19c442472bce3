/** Whether the registry in the directory is sound, fresh, and lists what this gateway speaks and signs with. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programSchemas, type GatewayConfig } from '../config.ts';
import { seconds } from '../core/clock.ts';
import { checkFreshness, MAX_FRESHNESS_SECONDS } from '../federation/registry/freshness.ts';
import { expiriesOf, type Expiry } from '../federation/registry/expiries.ts';
import type { RegistryMember } from '../federation/registry/registry-types.ts';
import { validAt, type RegistryView } from '../federation/registry/registry-view.ts';
import { registryChain } from '../gateway/ledger/ledger-access.ts';
import { readLedgerKey } from '../ledger/notes/note.ts';
import { readWitnessKey } from '../ledger/notes/cosignature.ts';
import { readPrivateFile } from '../pki/private-file.ts';
import { x5t } from '../pki/thumbprint.ts';
import { importSigningKey } from '../wire/jws.ts';
import { parseStrictJson } from '../wire/json/strict-json.ts';
import { examined, fail, ok, warn, type Finding } from './finding.ts';

const ASK_OPERATORS = 'ask the operators to list it (lianzheng alliance rotate member)';

export interface RegistryExamination {
  readonly findings: readonly Finding[];
  /** Of the newest registry in the directory. */
  readonly serial: number | undefined;
  readonly member: RegistryMember | undefined;
}

export async function examineRegistry(config: GatewayConfig, now: Date): Promise<RegistryExamination> {
  let view: RegistryView | undefined;
  const chain = await examined('registry', 'bring every registry-<serial>.json to registry.dir', async () => {
    view = (await registryChain(config)).at(-1);
    return [ok('registry', `${view?.body.alliance ?? ''} ${view?.serial ?? 0} follows from the anchors`)];
  });
  if (view === undefined) return { findings: chain, serial: undefined, member: undefined };
  const current: RegistryView = view;
  const freshness = await examined('freshness', 'bring freshness.json to registry.dir every minute', () =>
    examineFreshness(config, current, now),
  );
  const standing = await examineStanding(config, current, now);
  const findings = [...chain, ...freshness, ...standing];
  return { findings, serial: current.serial, member: current.member(config.member) };
}

async function examineFreshness(
  { registry }: GatewayConfig,
  view: RegistryView,
  now: Date,
): Promise<readonly Finding[]> {
  const document = parseStrictJson(await readFile(join(registry.dir, 'freshness.json')));
  const statement = await checkFreshness(document, view, programSchemas());
  const remedy = 'see that lianzheng alliance fresh runs and that its file gets here';
  if (statement.sha256 !== view.sha256)
    return [fail('freshness', `it is about registry ${statement.serial}, here is ${view.serial}`, remedy)];
  const age = seconds(now) - seconds(new Date(statement.issuedAt));
  if (now > new Date(statement.expiresAt))
    return [fail('freshness', `it ended at ${statement.expiresAt}`, remedy)];
  if (age > MAX_FRESHNESS_SECONDS / 2) return [warn('freshness', `it is ${age} s old`, remedy)];
  if (age < -60)
    return [warn('freshness', `it is from ${-age} s ahead: a clock is wrong`, 'check NTP on both machines')];
  return [ok('freshness', `${age} s old`)];
}

async function examineStanding(
  config: GatewayConfig,
  view: RegistryView,
  now: Date,
): Promise<readonly Finding[]> {
  const member = view.member(config.member);
  if (member === undefined)
    return [fail('membership', `${config.member} is not listed`, 'send enrolment.json to the operators')];
  const used = await keysInUse(config);
  const status =
    member.status === 'active'
      ? ok('membership', `${member.id} is active`)
      : fail('membership', `${member.id} is ${member.status}`, 'call the operators');
  return [
    status,
    ...examineAddress(config, member),
    ...(await examined('certificate', ASK_OPERATORS, () => examineCertificate(used.certificate, view, now))),
    ...examineSeal(used.seal, { view, member, now }),
    ...examineLog(used, member),
    ...expiriesOf(view.body, member.id, now)
      .filter((one) => !one.covered || one.id === used.certificate || one.id === used.seal)
      .map((one) => expiryFinding(one, one.covered)),
  ];
}

interface KeysInUse {
  readonly certificate: string | undefined;
  readonly seal: string | undefined;
  readonly vkeys: readonly string[];
  readonly witness: string | undefined;
}

/** Those that cannot be read were reported by files.ts. */
async function keysInUse({ keys }: GatewayConfig): Promise<KeysInUse> {
  const text = async (path: string): Promise<string> => (await readPrivateFile(path)).toString('utf8');
  const tried = async (read: () => Promise<string>): Promise<string | undefined> =>
    read().catch(() => undefined);
  const logs = [keys.ledger, ...(keys.ledgerNext === undefined ? [] : [keys.ledgerNext])].filter(existsSync);
  const vkeys = await Promise.all(
    logs.map((path) => tried(async () => readLedgerKey(await text(path)).vkey)),
  );
  const { witness } = keys;
  return {
    certificate: await tried(async () => x5t(await readFile(keys.tlsCert, 'utf8'))),
    seal: await tried(async () => {
      const jwk = JSON.parse(await text(keys.seal)) as Parameters<typeof importSigningKey>[0];
      return (await importSigningKey(jwk)).kid;
    }),
    vkeys: vkeys.flatMap((vkey) => vkey ?? []),
    witness: witness && (await tried(async () => readWitnessKey(await text(witness)).vkey)),
  };
}

function examineAddress({ peer }: GatewayConfig, member: RegistryMember): readonly Finding[] {
  const listed = member.gateways.map(({ authority }) => authority);
  if (listed.includes(peer.authority)) return [ok('address', `${peer.authority} is listed`)];
  const message = `${peer.authority} is not listed; listed are ${listed.join(' ') || 'none'}`;
  return [fail('address', message, 'set peer.authority, or have the operators list it')];
}

function examineCertificate(thumbprint = '', view: RegistryView, now: Date): readonly Finding[] {
  const found = view.certificate(thumbprint);
  if (found === undefined) return [fail('certificate', `${thumbprint} is not listed`, ASK_OPERATORS)];
  if (found.revoked !== undefined)
    return [fail('certificate', `${thumbprint} is revoked: ${found.revoked.reason}`, 'lianzheng rotate tls')];
  if (!validAt(found, seconds(now)))
    return [fail('certificate', `${thumbprint} is outside its validity`, 'lianzheng rotate tls')];
  return [ok('certificate', `${thumbprint} is listed`)];
}

function examineSeal(
  kid: string | undefined,
  { view, member, now }: { readonly view: RegistryView; readonly member: RegistryMember; readonly now: Date },
): readonly Finding[] {
  const key = view.sealKey(member.id, kid ?? '');
  if (kid === undefined || key === undefined)
    return [fail('seal key', `${kid ?? 'the key'} is not listed for ${member.id}`, ASK_OPERATORS)];
  if (!validAt(key, seconds(now)))
    return [
      fail(
        'seal key',
        `${kid} is revoked or outside its validity`,
        'lianzheng rotate seal, or recovery by the operators',
      ),
    ];
  return [ok('seal key', `${kid} is listed`)];
}

function examineLog({ vkeys, witness }: KeysInUse, { ledger }: RegistryMember): readonly Finding[] {
  const log = vkeys.includes(ledger.vkey)
    ? ok('ledger key', `${ledger.vkey} is here`)
    : fail(
        'ledger key',
        `the registry lists ${ledger.vkey}, no key file here is it`,
        'put the right ledger.key or ledger.key.next in its place',
      );
  if (witness === undefined) return [log];
  return [
    log,
    witness === ledger.witnessVkey
      ? ok('witness key', 'it is the one that is listed')
      : warn(
          'witness key',
          `the registry lists ${ledger.witnessVkey ?? 'none'}`,
          'have the operators list it, or nobody counts our cosignatures',
        ),
  ];
}

const MEND: Readonly<Record<Expiry['what'], string>> = {
  certificate: 'lianzheng rotate tls',
  'seal-key': 'lianzheng rotate seal',
  'enc-key': 'have the operators list the next one',
  signer: 'lianzheng enrol officer, then lianzheng alliance signer',
  ca: 'the operators run lianzheng alliance rotate ca',
  registry: 'the operators run lianzheng alliance renew',
};

function expiryFinding({ what, id, at, daysLeft, step }: Expiry, hasNext: boolean): Finding {
  const message = step === 0 ? `${id} ended at ${at}` : `${id} ends in ${daysLeft} days, ${at}`;
  if (step === undefined) return ok(what, message);
  const remedy = hasNext ? 'the next one is listed: take it into use' : MEND[what];
  return step <= 1 ? fail(what, message, remedy) : warn(what, message, remedy);
}
