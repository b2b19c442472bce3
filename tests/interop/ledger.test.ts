import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWitnessKey } from '../../src/ledger/notes/cosignature.ts';
import { writeProof } from '../../src/ledger/notes/tlog-proof.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import { draft, ledgerKey, MEMBER, offer, ORIGIN } from '../ledger/drafts.ts';
import { SyntheticLog } from '../ledger/synthetic-log.ts';
import { copyOf, COSIGNED_AT, makeDossier, OLD_SIZE, SIZE, type Dossier } from './dossier.ts';
import { foreignVerifiers, type Verify } from './foreign-verifiers.ts';
import { exportSigned, misstatements } from './insider.ts';
import { spoilings } from './spoilings.ts';

describe('exported ledger', function () {
  this.timeout(300_000);
  let home: string;
  let dossier: Dossier;

  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'lz-ledger-'));
    dossier = await makeDossier(mkdtempSync(join(home, 'dossier-')));
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  it('is one that our own verifier accepts, cosignatures and all', async () => {
    const ledgers = [{ member: MEMBER, origin: ORIGIN, vkeys: [{ vkey: dossier.vkey }] }];
    const exported = join(dossier.directory, 'ledger');
    const report = await verifyLedgers([exported], { ledgers, registryDigests: new Map() });
    assert.equal(report.ok, true, JSON.stringify(report));
  });

  for (const { name, prepare } of foreignVerifiers) {
    describe(`verified by ${name}`, () => {
      let work: string;
      let verify: Verify;

      before(async () => {
        work = mkdtempSync(join(home, 'work-'));
        verify = await prepare(work);
      });

      const keys = (): string[] => [
        ...['--log', dossier.vkey],
        ...Object.values(dossier.witnesses).flatMap((vkey) => ['--witness', vkey]),
      ];
      const all = (dir: string): string[] => [
        ...['--older', join(dir, 'older'), '--consistency', join(dir, 'consistency')],
        ...['--proofs', join(dir, 'proofs'), join(dir, 'ledger')],
      ];

      async function refusal(args: readonly string[]): Promise<string> {
        const { exitCode, stderr } = await verify(args);
        assert.equal(exitCode, 1, stderr);
        assert.match(stderr, /^FAIL: [^\n]+\n$/);
        return stderr;
      }

      it('is true in all its parts, and each of them is named', async () => {
        const { exitCode, stdout, stderr } = await verify([...keys(), ...all(dossier.directory)]);
        assert.equal(exitCode, 0, stderr);
        assert.deepEqual(stdout.trimEnd().split('\n'), [
          `checkpoint: ${ORIGIN}, ${SIZE} entries, root ${dossier.root}`,
          `tree: ${SIZE} entries and 4 hash tiles give the root`,
          `chain: ${SIZE} entries of ${MEMBER}, 4 pair counters`,
          `cosignature: witness-one.example at ${COSIGNED_AT}`,
          `cosignature: witness-two.example at ${COSIGNED_AT + 2}`,
          `older checkpoint: ${OLD_SIZE} entries, extended`,
          `consistency proof: ${OLD_SIZE} to ${SIZE} entries, 9 hashes`,
          ...dossier.proven.map(({ index, size }) => {
            const file = `${String(index).padStart(3, '0')}.tlog-proof`;
            return `${file}: entry ${index} of ${size}`;
          }),
        ]);
      });

      for (const { event, names, spoil } of spoilings) {
        it(`is refused when ${event}`, async () => {
          const copy = copyOf(dossier, join(work, event));
          spoil(copy);
          assert.match(await refusal([...keys(), ...all(copy)]), names);
        });
      }

      it('is refused under another key of the log, and without the cosignature asked for', async () => {
        const exported = join(dossier.directory, 'ledger');
        const other = ledgerKey(ORIGIN);
        const named = (text: string, part: string): void => assert.ok(text.includes(part), text);
        named(await refusal(['--log', other.vkey, exported]), `${ORIGIN}+${other.keyId}`);
        const absent = createWitnessKey('witness-one.example').vkey;
        const id = absent.split('+').slice(0, 2).join('+');
        named(await refusal(['--log', dossier.vkey, '--witness', absent, exported]), id);
        const cosigner = Object.values(dossier.witnesses)[0] ?? '';
        named(await refusal(['--log', cosigner, exported]), 'witness-one.example');
        named(await refusal(['--log', dossier.vkey, '--witness', other.vkey, exported]), ORIGIN);
      });

      it('is refused when its own key signed another history before', async () => {
        const log = new SyntheticLog(MEMBER);
        log.append(...Array.from({ length: 10 }, () => offer('bank-b')));
        exportSigned([...log.bodies.slice(0, 8), '{}'], log.key, join(work, 'fork'));
        const exported = await log.export(join(work, 'true'));
        const args = ['--log', log.key.vkey, '--older', join(work, 'fork', 'checkpoint'), exported];
        assert.match(await refusal(args), /older checkpoint: .*fork/);

        exportSigned(['{}'], log.key, join(work, 'short'));
        const checkpoint = readFileSync(join(work, 'short', 'checkpoint'), 'utf8');
        writeFileSync(join(work, 'short', '0.entry'), '{}');
        const proof = writeProof({ index: 0, hashes: [], checkpoint });
        writeFileSync(join(work, 'short', '0.tlog-proof'), proof);
        const proofs = ['--log', log.key.vkey, '--proofs', join(work, 'short'), exported];
        assert.match(await refusal(proofs), /0\.tlog-proof: .*fork/);
      });

      it('is refused when its own key signed entries that do not follow each other', async () => {
        const log = new SyntheticLog(MEMBER);
        log.append(...Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? offer('bank-b') : draft())));
        for (const [i, { bodies, names }] of misstatements(log.bodies).entries()) {
          const directory = join(work, `insider-${i}`);
          exportSigned(bodies, log.key, directory);
          assert.match(await refusal(['--log', log.key.vkey, directory]), names);
        }
        exportSigned(log.bodies, log.key, join(work, 'insider'));
        const { exitCode, stderr } = await verify(['--log', log.key.vkey, join(work, 'insider')]);
        assert.equal(exitCode, 0, stderr);
      });

      it('is true when it is empty, and at sizes around a tile', async () => {
        for (const size of [0, 1, 255, 256, 257, 512]) {
          const log = new SyntheticLog(MEMBER);
          if (size > 0) log.append(...Array.from({ length: size }, () => offer('bank-b')));
          const directory = await log.export(join(work, `size-${size}`));
          const { exitCode, stderr } = await verify(['--log', log.key.vkey, directory]);
          assert.equal(exitCode, 0, `${size}: ${stderr}`);
        }
      });

      it('tells how it is called when it is called wrongly', async () => {
        for (const args of [[], ['--log', dossier.vkey], [dossier.directory]]) {
          const { exitCode, stderr } = await verify(args);
          assert.equal(exitCode, 2);
          assert.match(stderr, /usage/i);
        }
      });
    });
  }
});
