/** Spans under a trace id that both gateways know without telling each other: the exchange id (decision 0022). */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Tracer } from '@opentelemetry/api';
import type { GatewayConfig } from '../config.ts';
import { GatewayError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';

export interface FinishedWork {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'internal';
  /** UUID: an exchange id, or a correlation id of ours. */
  readonly correlationId: string;
  readonly startedAt: Date;
  readonly seconds: number;
  /** `ok` or a code of the error table. */
  readonly code: string;
  readonly peer?: string | undefined;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

export interface Tracing {
  record(work: FinishedWork): void;
  /** Sends what is left, for two seconds at most. */
  close(): Promise<void>;
}

const NAME = 'lianzheng';
const SEND_MS = 2000;
const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

/** Without an endpoint spans go to whatever SDK the process was started with; usually none, and then nowhere. */
export async function openTracing(config: GatewayConfig, version: string): Promise<Tracing> {
  const endpoint = config.telemetry?.otlpEndpoint;
  if (endpoint === undefined) {
    const tracer = trace.getTracer(NAME, version);
    const record = isHeard(tracer) ? recorder(tracer) : () => undefined;
    return { record, close: () => Promise.resolve() };
  }
  const { sdk, exporter, resources } = await loadSdk();
  const sender = new exporter.OTLPTraceExporter({ url: endpoint, timeoutMillis: SEND_MS });
  const processor = new sdk.BatchSpanProcessor({ exporter: sender, exportTimeoutMillis: SEND_MS });
  const provider = new sdk.TracerProvider({
    spanProcessors: [processor],
    resource: resources.resourceFromAttributes({
      'service.name': NAME,
      'service.namespace': config.member,
      'service.instance.id': config.gateway,
      'service.version': version,
    }),
  });
  return {
    record: recorder(provider.getTracer(NAME, version)),
    // A collector that is away keeps no gateway from stopping.
    close: () => provider.shutdown().catch(() => undefined),
  };
}

/** The trace is the exchange; its upper half the trace's time, as UUIDv7 has it. The parent is nobody's span. */
export function traceOf(correlationId: string): { readonly traceId: string; readonly spanId: string } {
  const traceId = correlationId.replaceAll('-', '');
  return { traceId, spanId: traceId.slice(16) };
}

/** Without an SDK even a span that goes nowhere costs microseconds. Asked once: an SDK comes before the program (`--import`). */
function isHeard(tracer: Tracer): boolean {
  const sampled = { ...traceOf(newId()), traceFlags: TraceFlags.SAMPLED, isRemote: true };
  return tracer.startSpan('probe', {}, trace.setSpanContext(ROOT_CONTEXT, sampled)).isRecording();
}

function recorder(tracer: Tracer): Tracing['record'] {
  return ({ name, kind, correlationId, startedAt, seconds, code, peer, attributes }) => {
    const remote = { ...traceOf(correlationId), traceFlags: TraceFlags.SAMPLED, isRemote: true };
    const parent = trace.setSpanContext(ROOT_CONTEXT, remote);
    const facts = { 'lianzheng.code': code, ...(peer === undefined ? {} : { 'lianzheng.peer': peer }) };
    const start = { kind: KINDS[kind], startTime: startedAt, attributes: { ...facts, ...attributes } };
    const span = tracer.startSpan(name, start, parent);
    if (code !== 'ok') span.setStatus({ code: SpanStatusCode.ERROR, message: code });
    span.end(new Date(startedAt.getTime() + seconds * 1000));
  };
}

/** Optional packages: a gateway without a collector neither installs nor loads them. */
async function loadSdk() {
  try {
    const [sdk, exporter, resources] = await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
    return { sdk, exporter, resources };
  } catch (cause) {
    const needed = 'telemetry.otlpEndpoint needs the optional packages: npm ci without --omit=optional';
    throw new GatewayError('config.invalid', needed, { cause });
  }
}
