/** Connections that TLS itself refuses. There is no request then, so there is no answer and no ledger entry. */
import assert from 'node:assert/strict';
import { forge } from './forge.ts';
import { assertSameBusiness, snapshot } from './oracle.ts';
import { send } from './send.ts';
import type { IdentityName, WireWorld } from './wire-world.ts';

const cases: readonly (readonly [name: string, as: IdentityName])[] = [
  ['a certificate of another CA with the same names and key', 'foreign'],
  ['no certificate', 'none'],
];

export function describeHandshakes(world: () => WireWorld): void {
  describe('the handshake', () => {
    for (const [name, as] of cases) {
      it(`${name}: the connection ends without an answer, an entry or a row`, async () => {
        const { receiver } = world();
        const before = await snapshot(receiver);
        const refused = await send(world(), await forge(world(), { as })).catch((error: unknown) => error);
        assert.ok(refused instanceof Error, 'no answer came');
        assert.match(String((refused as NodeJS.ErrnoException).code), /^(ECONNRESET|EPIPE|ERR_SSL_TLSV1)/);
        const after = await snapshot(receiver);
        assertSameBusiness(before, after);
        assert.deepEqual([after.ledgerSize, after.tokenIds], [before.ledgerSize, before.tokenIds]);
      });
    }
  });
}
