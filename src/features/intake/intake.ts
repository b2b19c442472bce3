/** Reads the lines of one push and remembers which were refused, and why. */
import type { JsonValue } from '../../core/canonical.ts';
import { GatewayError, isGatewayError, type ErrorCode } from '../../core/errors.ts';
import type { FeatureDeps } from '../deps.ts';
import { isPersonal } from '../feature-type.ts';
import type { OnwardCheck } from './onward.ts';
import type { PushPermit } from './permits.ts';
import { readFeature, readLine, type ReadFeature } from './read-feature.ts';

/** NDJSON lines (see lines.ts), or values that passed the strict JSON gate already. */
export type PushInput = AsyncIterable<Uint8Array | string> | readonly JsonValue[];

export interface RefusedLine {
  /** From 1; blank lines count. */
  readonly line: number;
  readonly code: ErrorCode;
  readonly message: string;
}

interface ReadLine {
  readonly line: number;
  readonly feature: ReadFeature;
}

const REFUSALS_SHOWN = 1000;
/** Features whose origin is looked up at once. */
const CHUNK = 500;

export class Intake {
  /** The first 1,000. */
  readonly refused: RefusedLine[] = [];
  refusedCount = 0;
  readonly #deps: Pick<FeatureDeps, 'schemas' | 'clock'>;
  readonly #permit: PushPermit;
  readonly #onward: OnwardCheck | undefined;

  constructor(
    deps: Pick<FeatureDeps, 'schemas' | 'clock'>,
    { permit, onward }: { readonly permit: PushPermit; readonly onward?: OnwardCheck | undefined },
  ) {
    this.#deps = deps;
    this.#permit = permit;
    this.#onward = onward;
  }

  /** The good features, in order. */
  async *features(input: PushInput): AsyncGenerator<ReadFeature> {
    const check = this.#onward;
    if (check === undefined) {
      for await (const { feature } of this.#read(input)) yield feature;
      return;
    }
    let chunk: ReadLine[] = [];
    for await (const line of this.#read(input)) {
      if (chunk.push(line) < CHUNK) continue;
      yield* await this.#mayGoOn(check, chunk);
      chunk = [];
    }
    yield* await this.#mayGoOn(check, chunk);
  }

  async #mayGoOn(check: OnwardCheck, chunk: readonly ReadLine[]): Promise<readonly ReadFeature[]> {
    if (chunk.length === 0) return [];
    const refused = await check(chunk.map(({ feature }) => feature));
    return chunk.flatMap(({ line, feature }, at) => {
      const error = refused.get(at);
      if (error === undefined) return [feature];
      this.#refuse(line, error);
      return [];
    });
  }

  async *#read(input: PushInput): AsyncGenerator<ReadLine> {
    const { schemas, clock } = this.#deps;
    let line = 0;
    if (isValues(input)) {
      for (const value of input) {
        line += 1;
        const feature = this.#admit(line, () => readFeature(value, schemas, clock()));
        if (feature !== undefined) yield { line, feature };
      }
      return;
    }
    for await (const text of input) {
      line += 1;
      if (isBlank(text)) continue;
      const feature = this.#admit(line, () => readLine(text, schemas, clock()));
      if (feature !== undefined) yield { line, feature };
    }
  }

  /** Throws feature.invalid, with the refusals as facts, when any line was refused. */
  demandNoneRefused(): void {
    if (this.refusedCount === 0) return;
    throw new GatewayError('feature.invalid', `nothing is stored: ${this.refusedCount} lines are refused`, {
      facts: { refused: this.refused, refusedCount: this.refusedCount },
    });
  }

  #admit(line: number, read: () => ReadFeature): ReadFeature | undefined {
    try {
      const feature = read();
      this.#permit({ personal: isPersonal(feature.type), grade: feature.facts.grade });
      return feature;
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      this.#refuse(line, error);
      return undefined;
    }
  }

  #refuse(line: number, { code, message }: GatewayError): void {
    this.refusedCount += 1;
    if (this.refused.length < REFUSALS_SHOWN) this.refused.push({ line, code, message });
  }
}

function isValues(input: PushInput): input is readonly JsonValue[] {
  return Array.isArray(input);
}

function isBlank(text: Uint8Array | string): boolean {
  if (typeof text === 'string') return text.trim() === '';
  return text.length === 0 || (text.length === 1 && text[0] === 0x0d);
}
