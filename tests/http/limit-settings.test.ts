import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { programSchemas } from '../../src/config.ts';
import { defaultMemberLimits } from '../../src/http/member/limits.ts';
import { defaultPeerLimits } from '../../src/http/peer/limits.ts';
import { memberLimitsOf, peerLimitsOf } from '../../src/gateway/limits.ts';

const docs = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8');
const schema = JSON.parse(
  readFileSync(new URL('../../schemas/gateway-config.json', import.meta.url), 'utf8'),
);

describe('limit settings', () => {
  const peer = (limits: object) => peerLimitsOf({ peer: { host: 'x', port: 1, authority: 'x', limits } });

  it('are all named in docs/limits.md and in the schema of the configuration', () => {
    for (const [plane, defaults] of [
      ['peer', defaultPeerLimits],
      ['memberPlane', defaultMemberLimits],
    ] as const) {
      const known = schema.properties[plane].properties.limits.properties;
      for (const name of Object.keys(defaults).filter((one) => one !== 'maxConnections')) {
        assert.ok(name in known, `${name} is missing in the schema`);
        assert.ok(docs.includes(name), `${name} is missing in docs/limits.md`);
      }
    }
  });

  it('refuse what contradicts itself', () => {
    for (const limits of [
      { headersTimeoutMs: 60_000 },
      { memberConcurrency: 100 },
      { rates: { messages: { perSecond: 10, burst: 5 } } },
      { memberRates: { 'bank-a': { parts: { perSecond: 10, burst: 5 } } } },
    ])
      assert.throws(() => peer(limits), { code: 'config.invalid' }, JSON.stringify(limits));
    const plane = { host: 'x', port: 1, issuer: 'x', audience: 'x', jwks: 'x' };
    assert.throws(() => memberLimitsOf({ memberPlane: { ...plane, limits: { connections: 8 } } }), {
      code: 'config.invalid',
    });
  });

  it('refuse what is unreadable or absurd', () => {
    const schemas = programSchemas();
    const whole = (limits: object) => ({
      ...{ alliance: 'aa', member: 'aa', gateway: 'a', database: { url: 'x' }, anchors: 'x' },
      ...{ registry: { dir: 'x' }, blobs: { dir: 'x', quotaBytes: 1 << 20 } },
      peer: { host: 'x', port: 1, authority: 'x', limits },
      memberPlane: { host: 'x', port: 1, issuer: 'x', audience: 'x', jwks: 'x' },
      keys: { tlsKey: 'x', tlsCert: 'x', seal: 'x', ledger: 'x', index: 'x' },
    });
    const check = (limits: object) =>
      schemas.validate('urn:lianzheng:schema:gateway-config:1.0.0', whole(limits));
    check({ headersTimeoutMs: 5000 });
    for (const limits of [
      { headersTimeoutMs: '10s' },
      { headersTimeoutMs: 0 },
      { maxBodyBytes: -1 },
      { maxBodyBytes: 1e12 },
      { minBytesPerSecond: 0.5 },
      { maxBodySize: 1 },
      { rates: { messages: { perSecond: 0, burst: 1 } } },
    ])
      assert.throws(() => check(limits), { code: 'schema.invalid' }, JSON.stringify(limits));
  });
});
