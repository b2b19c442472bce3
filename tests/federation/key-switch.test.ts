import assert from 'node:assert/strict';
import { keyToUse, type Candidate } from '../../src/federation/key-switch.ts';

const life = { nbf: 0, exp: 9_999_999_999 };
const listed = (id: string, since = 0): Candidate => ({ id, since, listed: { ...life, usable: true } });
const revoked = (id: string): Candidate => ({ id, since: 0, listed: { ...life, usable: false } });
const unlisted = (id: string): Candidate => ({ id, since: 0, listed: undefined });
const ask = (candidates: readonly Candidate[], now = 90_000): string =>
  keyToUse({ inUse: 'old', candidates, now, overlapMs: 90_000 });

describe('which key is used', () => {
  it('the new one, once the registry has listed it for the overlap', () => {
    assert.equal(ask([listed('old'), listed('old'), listed('new')], 89_999), 'old');
    assert.equal(ask([listed('old'), listed('old'), listed('new')]), 'new');
    assert.equal(ask([listed('old'), listed('old'), listed('new', 1)]), 'old');
  });

  it('never one that the registry does not list', () => {
    assert.equal(ask([listed('old'), listed('old'), unlisted('new')]), 'old');
    assert.equal(ask([listed('old'), listed('old'), revoked('new')]), 'old');
  });

  it('the new one at once where the old one is revoked or gone', () => {
    assert.equal(ask([revoked('old'), revoked('old'), listed('new', 90_000)]), 'new');
    assert.equal(ask([unlisted('old'), listed('new', 90_000)]), 'new');
  });

  it('not the old one again while its file lies beside the new one', () => {
    assert.equal(ask([listed('old'), listed('before'), listed('old')]), 'old');
  });

  it('the one in use where none is listed', () => {
    assert.equal(ask([unlisted('old'), unlisted('new')]), 'old');
  });
});
