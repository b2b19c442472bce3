import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import { tokenFor } from '../world/child-gateway.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';
import type { Loose } from '../cli/console.ts';

const documented = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8');
const PHONE = '15400000401';
const DOMAIN = 'marked-value-7f3a.example.com';
/** Long before the test ends, or whoever waits for a digest would wait for the batch. */
const SPANS_MS = 15_000;

interface Span {
  readonly traceId: string;
  readonly name: string;
  readonly member: string;
}

/** Two real gateways, one exchange with marked values, one refusal; what log, metrics and collector then hold. */
describe('what a gateway tells of itself', function () {
  this.timeout(90_000);
  const lines: string[] = [];
  const spans: Span[] = [];
  const metrics = new Map<string, string>();
  let collector: Server;
  let alliance: TestAlliance;
  let token: string;

  before(async () => {
    collector = await listenForSpans(spans);
    const { port } = collector.address() as AddressInfo;
    alliance = await openTestAlliance({
      members: ['bank-a', 'insurer-b'],
      log: (line) => lines.push(line),
      change: { telemetry: { otlpEndpoint: `http://127.0.0.1:${port}/v1/traces` } },
    });
    const [bank] = alliance.founded.members;
    token = await tokenFor(bank!);
    await push([
      { type: 'domain', value: DOMAIN, confidence: 90 },
      { type: 'phone', value: PHONE, confidence: 90 },
    ]);
    await fetch(`${url('bank-a')}/v1/groups/${FEATURE_GROUP}/features`, {
      headers: { authorization: `Bearer ${token.slice(0, -3)}AAA` },
    });
    await alliance.gateway('bank-a').delivery.idle();
    // What the database says is told for a second.
    await sleep(1100);
    for (const member of ['bank-a', 'insurer-b']) {
      metrics.set(member, await (await fetch(`${url(member)}/metrics`)).text());
    }
  });
  after(async () => {
    await alliance.close();
    collector.close();
  });

  const url = (member: string): string => alliance.gateway(member).memberUrl;
  const push = async (features: readonly object[]): Promise<void> => {
    const path = `/v1/groups/${FEATURE_GROUP}/features?purpose=RISK_PREVENTION&basis=PIPL-13`;
    const answer = await fetch(`${url('bank-a')}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ features }),
    });
    assert.equal(answer.status, 200, await answer.text());
  };
  const valueOf = (member: string, line: string): number => {
    const found = metrics
      .get(member)
      ?.split('\n')
      .find((one) => one.startsWith(`${line} `));
    return Number(found?.split(' ').at(-1));
  };

  it('counts an exchange at both ends, by kind, code and peer', () => {
    const received = 'lianzheng_exchange_requests_total{kind="feature-batch",code="ok",peer="bank-a"}';
    assert.equal(valueOf('insurer-b', received), 1, metrics.get('insurer-b'));
    const closed = 'lianzheng_deliveries_closed_total{peer="insurer-b",kind="feature-batch",state="acked"}';
    assert.equal(valueOf('bank-a', closed), 1);
    assert.equal(
      valueOf('bank-a', 'lianzheng_peer_calls_total{path="messages",code="ok",peer="insurer-b"}'),
      1,
    );
    assert.equal(
      valueOf(
        'bank-a',
        'lianzheng_member_requests_total{operation="listFeatures",code="auth.token-invalid"}',
      ),
      1,
    );
    assert.equal(valueOf('bank-a', 'lianzheng_ready'), 1);
    assert.ok(valueOf('bank-a', 'lianzheng_ledger_entries') > 2, 'the ledger grew');
    assert.ok(
      valueOf('bank-a', 'lianzheng_expiry_seconds{what="certificate"}') > 80 * 86_400,
      'the end is told',
    );
  });

  it('has every metric in docs/observability.md, and none there that is not', () => {
    const shown = namesIn(metrics.get('bank-a') ?? '');
    const told = new Set([...documented.matchAll(/^\| `(lianzheng_[a-z_]+)/gm)].map(([, name]) => name!));
    assert.deepEqual(
      {
        undocumented: [...shown].filter((name) => !told.has(name)),
        gone: [...told].filter((name) => !shown.has(name)),
      },
      { undocumented: [], gone: [] },
    );
  });

  it('labels peers with members of the registry only', () => {
    const peers = [...metrics.values()]
      .flatMap((text) => [...text.matchAll(/peer="([^"]*)"/g)])
      .map(([, one]) => one);
    assert.deepEqual([...new Set(peers)].sort(), ['bank-a', 'insurer-b']);
  });

  it('writes the same correlation id into both logs', () => {
    const told = lines.map((line) => JSON.parse(line));
    const sent = told.find((line) => line.at === 'bank-a' && line.msg === 'delivered');
    const received = told.find(
      (line) => line.at === 'insurer-b' && line.msg === 'peer call' && line.kind === 'feature-batch',
    );
    assert.ok(sent?.correlationId !== undefined, 'the sender tells of it');
    assert.equal(received?.correlationId, sent.correlationId);
  });

  it('holds no value, token or body in log lines, metrics and spans', () => {
    const all = [...lines, ...metrics.values(), JSON.stringify(spans)].join('\n');
    for (const mark of [
      PHONE,
      DOMAIN,
      token,
      token.split('.')[2]!,
      'eyJ',
      'disclosures',
      'Bearer',
      'PRIVATE KEY',
    ]) {
      assert.ok(
        !all.includes(mark),
        `"${mark}" was told: ${lines.find((line) => line.includes(mark)) ?? ''}`,
      );
    }
  });

  it("sends the spans of both gateways under the exchange's own trace id", async () => {
    const delivered = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'delivered');
    const traceId = String(delivered?.correlationId).replaceAll('-', '');
    const names = (): string[] =>
      spans.filter((span) => span.traceId === traceId).map(({ member, name }) => `${member}: ${name}`);
    for (const end = Date.now() + SPANS_MS; Date.now() < end && names().length < 2;) await sleep(100);
    assert.deepEqual(names().sort(), ['bank-a: call messages', 'insurer-b: receive feature-batch']);
  });
});

function namesIn(text: string): Set<string> {
  const names = [...text.matchAll(/^# TYPE (lianzheng_[a-z_]+)/gm)].map(([, name]) => name!);
  return new Set(names);
}

/** A collector as small as OTLP over HTTP allows: JSON in, 200 out. */
async function listenForSpans(spans: Span[]): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString());
        for (const { resource, scopeSpans } of resourceSpans) {
          const namespace = resource.attributes.find(({ key }: Loose) => key === 'service.namespace');
          for (const { spans: some } of scopeSpans)
            for (const { traceId, name } of some)
              spans.push({ traceId, name, member: namespace.value.stringValue });
        }
        response.setHeader('content-type', 'application/json').end('{}');
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
