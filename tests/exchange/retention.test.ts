import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { openGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { ownLedger, peerLedger, type OpenedLedger } from '../../src/gateway/ledger/ledger-access.ts';
import { offer } from '../ledger/drafts.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';

describe('retention of a real gateway', function () {
  this.timeout(60_000);
  let alliance: TestAlliance;
  let bank: Gateway;
  const opened: OpenedLedger[] = [];

  before(async () => {
    alliance = await openTestAlliance({ members: ['bank-a', 'auditor-d'] });
    bank = alliance.gateway('bank-a');
    const last = await bank.database.transaction(async (tx) => {
      for (let i = 1; i < 300; i++) await bank.ledger.append(tx, offer('auditor-d'));
      return bank.ledger.append(tx, offer('auditor-d'));
    });
    await bank.ledger.settle(last);
  });
  after(async () => {
    for (const ledger of opened) await ledger.close();
    await bank.close();
    await alliance.close();
  });

  async function restart(minimumIndex: number): Promise<void> {
    await bank.close();
    const [{ config, configPath }] = [alliance.founded.members[0]!];
    writeFileSync(configPath, JSON.stringify({ ...config, ledger: { minimumIndex } }), { mode: 0o600 });
    bank = await openGateway(readConfig(configPath), pino({ level: 'silent' }));
  }

  it('keeps old entry bundles and tiles from auditors, and from itself nothing', async () => {
    await restart(256);
    const { size } = await bank.ledger.latest();
    const [member, auditor] = alliance.founded.members;
    const theirs = await peerLedger(auditor!.configPath, 'bank-a');
    const own = await ownLedger(member!.configPath);
    opened.push(theirs, own);
    for (const path of ['tile/entries/000', 'tile/0/000']) {
      assert.equal(await theirs.source.tile(path), undefined, path);
      assert.ok((await own.source.tile(path)) !== undefined, path);
    }
    for (const path of [`tile/entries/001.p/${size - 256}`, `tile/0/001.p/${size - 256}`, 'tile/1/000.p/1'])
      assert.deepEqual(await theirs.source.tile(path), await own.source.tile(path), path);
  });

  it('does not start with a minimum beyond the end of the ledger', async () => {
    await assert.rejects(restart(1_000_000), { code: 'config.invalid' });
  });
});
