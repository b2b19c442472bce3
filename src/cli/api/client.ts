/** The member plane as functions, typed by what is generated from openapi.yaml. */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Paths } from './api-types.ts';
import { exchange, readAll } from './exchange.ts';
import { refusalOf } from './refusal.ts';

type Ok<Operation> = Operation extends { responses: infer Responses }
  ? Responses[Extract<keyof Responses, 200 | 201 | 202>]
  : never;
type JsonOf<Message> = Message extends { content: { 'application/json': infer Json } } ? Json : never;
type BodyOf<Operation> = Operation extends { requestBody: infer Body } ? JsonOf<Body> : never;
type PathOf<Method extends 'get' | 'post'> = {
  [Path in keyof Paths]: Paths[Path] extends Record<Method, object> ? Path : never;
}[keyof Paths];

export interface Place {
  /** Values for the `{…}` of the path. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface Upload extends Place {
  readonly type: string;
  readonly body: Readable | Buffer;
  readonly headers?: OutgoingHttpHeaders;
}

export class ApiClient {
  readonly #base: string;
  readonly #token: string;

  constructor(base: string, token: string) {
    this.#base = base.replace(/\/+$/, '');
    this.#token = token;
  }

  async get<Path extends PathOf<'get'>>(
    path: Path,
    place: Place = {},
  ): Promise<JsonOf<Ok<Paths[Path]['get']>>> {
    return asJson(await this.open('GET', path, place));
  }

  async post<Path extends PathOf<'post'>>(
    path: Path,
    place: Place & { readonly json: BodyOf<Paths[Path]['post']> },
  ): Promise<JsonOf<Ok<Paths[Path]['post']>>> {
    const body = Buffer.from(JSON.stringify(place.json));
    return this.upload(path, { ...place, type: 'application/json', body });
  }

  /** Sends a body that is not JSON, or that is streamed. */
  async upload<Path extends PathOf<'post'>>(
    path: Path,
    upload: Upload,
  ): Promise<JsonOf<Ok<Paths[Path]['post']>>> {
    return asJson(await this.open('POST', path, upload));
  }

  /** An answer as it comes in. Throws the refusal otherwise. */
  async open(method: string, path: keyof Paths, call: Place & Partial<Upload>): Promise<IncomingMessage> {
    const length = Buffer.isBuffer(call.body) ? { 'Content-Length': call.body.length } : {};
    const answer = await exchange({
      method,
      url: this.#urlOf(path, call),
      headers: {
        Authorization: `Bearer ${this.#token}`,
        Accept: '*/*',
        ...(call.type === undefined ? {} : { 'Content-Type': call.type }),
        ...length,
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    if ((answer.statusCode ?? 0) >= 300) throw await refusalOf(answer);
    return answer;
  }

  async bytes(path: keyof Paths, place: Place): Promise<Buffer> {
    return readAll(await this.open('GET', path, place));
  }

  #urlOf(path: string, { path: values = {}, query = {} }: Place): URL {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
    const url = new URL(this.#base + filled);
    for (const [name, value] of Object.entries(query)) {
      for (const one of [value].flat()) if (one !== undefined) url.searchParams.append(name, one);
    }
    return url;
  }
}

/** The gateway that is called is our own member's: its answer is taken at its word. */
async function asJson<Json>(answer: IncomingMessage): Promise<Json> {
  return JSON.parse((await readAll(answer)).toString('utf8')) as Json;
}
