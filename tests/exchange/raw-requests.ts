/** Requests that no HTTP client would send: written byte by byte. */
import assert from 'node:assert/strict';
import { forge, type Change, type HeaderLine } from './forge.ts';
import { assertLedgerVerifies, assertSameBusiness, entriesFrom, snapshot } from './oracle.ts';
import { assertRefused } from './refusal.ts';
import { bytesOf, sendBytes } from './send.ts';
import type { WireWorld } from './wire-world.ts';

const added =
  (...line: HeaderLine) =>
  (lines: readonly HeaderLine[]): readonly HeaderLine[] => [...lines, line];

/** The parser ends these: one unsigned answer, then the connection; the ledger names the certificate only. */
const unreadable: readonly (readonly [name: string, status: number, change: Change])[] = [
  ['Content-Length twice', 400, { headers: added('content-length', '1') }],
  ['Content-Length beside Transfer-Encoding', 400, { headers: added('transfer-encoding', 'chunked') }],
  ['a space before the colon', 400, { headers: added('x ', 'y') }],
  ['a folded header', 400, { headers: added('x', 'y\r\n z') }],
  ['a bare line feed in a header', 400, { headers: added('x', 'y\nexchange-id: z') }],
  ['headers over 16 KiB', 431, { headers: added('x', 'y'.repeat(20_000)) }],
];

export function describeRawRequests(world: () => WireWorld): void {
  describe('the bytes on the wire', () => {
    it('no Content-Length: unsigned http.header-missing', async () => {
      const forged = await forge(world(), {
        headers: (lines) => lines.filter(([name]) => name !== 'content-length'),
        wire: Buffer.alloc(0),
      });
      const expected = { code: 'http.header-missing', signed: false } as const;
      await assertRefused(world(), expected, forged, (w, f) => sendBytes(w, bytesOf(f)));
    });

    it('a body over the limit: unsigned http.body-too-large, before a byte of it is read', async () => {
      const body = ' '.repeat(1024 * 1024 + 1);
      const forged = await forge(world(), { body, wire: Buffer.alloc(0) });
      const expected = { code: 'http.body-too-large', signed: false } as const;
      const answer = await assertRefused(world(), expected, forged, (w, f) => sendBytes(w, bytesOf(f)));
      assert.equal(answer.headers['connection'], 'close');
    });

    it('a wrong token with its body still to come: refused without waiting for it', async () => {
      const forged = await forge(world(), { claims: { aud: 'police-p' }, wire: Buffer.alloc(0) });
      const expected = { code: 'token.audience-mismatch', signed: false } as const;
      await assertRefused(world(), expected, forged, (w, f) => sendBytes(w, bytesOf(f)));
    });

    for (const [name, status, change] of unreadable) {
      it(`${name}: ${status}, logged as http.header-invalid`, async () => {
        const { receiver, sender, exportDirectory } = world();
        const before = await snapshot(receiver);
        const answer = await sendBytes(world(), bytesOf(await forge(world(), change)));
        const after = await snapshot(receiver);
        assert.equal(answer.status, status);
        assert.equal(answer.headers['connection'], 'close');
        assert.equal(answer.headers['exchange-token'], undefined);
        const problem = JSON.parse(answer.body.toString()) as Record<string, unknown>;
        assert.deepEqual([problem['code'], problem['status']], ['http.header-invalid', status]);
        assertSameBusiness(before, after);
        assert.equal(after.tokenIds, before.tokenIds);
        const entries = await entriesFrom(receiver, before.ledgerSize);
        assert.deepEqual(
          entries.map(({ kind, code, peer, actor }) => [kind, code, peer, actor]),
          [['exchange.refused', 'http.header-invalid', undefined, `certificate:${sender.config.member}`]],
        );
        assert.equal(entries[0]?.subject.id, answer.headers['correlation-id']);
        await assertLedgerVerifies(receiver, exportDirectory);
      });
    }
  });
}
