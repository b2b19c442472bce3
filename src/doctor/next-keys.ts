/** Next keys that wait beside the ones in use. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { GatewayConfig } from '../config.ts';
import type { RegistryMember } from '../federation/registry/registry-types.ts';
import { readLedgerKey } from '../ledger/notes/note.ts';
import { readPrivateFile } from '../pki/private-file.ts';
import { x5t } from '../pki/thumbprint.ts';
import { importSigningKey } from '../wire/jws.ts';
import { examined, ok, warn, type Finding } from './finding.ts';

/** `member` as the newest registry lists us. */
export async function examineNextKeys(
  { keys }: GatewayConfig,
  member: RegistryMember | undefined,
): Promise<readonly Finding[]> {
  const waiting = [
    { path: `${keys.tlsKey}.next`, look: () => nextCertificate(keys, member) },
    { path: `${keys.seal}.next`, look: () => nextSeal(`${keys.seal}.next`, member) },
    { path: keys.ledgerNext ?? `${keys.ledger}.next`, look: (path: string) => nextLedger(path, member) },
  ];
  const found = waiting
    .filter(({ path }) => existsSync(path))
    .map(({ path, look }) =>
      examined('next key', `remove ${path}, and make it again with lianzheng rotate`, () => look(path)),
    );
  return (await Promise.all(found)).flat();
}

async function nextCertificate(
  { tlsCert }: GatewayConfig['keys'],
  member: RegistryMember | undefined,
): Promise<readonly Finding[]> {
  const path = `${tlsCert}.next`;
  if (!existsSync(path)) return [ok('next key', `TLS key waits for its certificate at ${path}`)];
  const thumbprint = x5t(await readFile(path, 'utf8'));
  const certs = member?.gateways.flatMap((gateway) => gateway.certs) ?? [];
  return [
    state(
      `certificate ${thumbprint}`,
      certs.some((cert) => cert.x5t === thumbprint),
    ),
  ];
}

async function nextSeal(path: string, member: RegistryMember | undefined): Promise<readonly Finding[]> {
  const text = (await readPrivateFile(path)).toString('utf8');
  const { kid } = await importSigningKey(JSON.parse(text) as Parameters<typeof importSigningKey>[0]);
  return [state(`seal key ${kid}`, member?.keys.some((key) => key.kid === kid) ?? false)];
}

async function nextLedger(path: string, member: RegistryMember | undefined): Promise<readonly Finding[]> {
  const { vkey } = readLedgerKey((await readPrivateFile(path)).toString('utf8'));
  return [state(`ledger key ${vkey}`, member?.ledger.vkey === vkey)];
}

function state(what: string, listed: boolean): Finding {
  if (!listed) return ok('next key', `${what} waits to be listed`);
  return warn(
    'next key',
    `${what} is listed`,
    'when it is in use, move <file>.next to the place of the old file',
  );
}
