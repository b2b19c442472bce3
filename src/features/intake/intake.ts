/** Reads the lines of one push and remembers which were refused, and why. */
import type { JsonValue } from '../../core/canonical.ts';
import { GatewayError, isGatewayError, type ErrorCode } from '../../core/errors.ts';
import type { FeatureDeps } from '../deps.ts';
import { isPersonal } from '../feature-type.ts';
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

const REFUSALS_SHOWN = 1000;

export class Intake {
  /** The first 1,000. */
  readonly refused: RefusedLine[] = [];
  refusedCount = 0;
  readonly #deps: Pick<FeatureDeps, 'schemas' | 'clock'>;
  readonly #permit: PushPermit;

  constructor(deps: Pick<FeatureDeps, 'schemas' | 'clock'>, permit: PushPermit) {
    this.#deps = deps;
    this.#permit = permit;
  }

  /** The good features, in order. */
  async *features(input: PushInput): AsyncGenerator<ReadFeature> {
    const { schemas, clock } = this.#deps;
    let line = 0;
    if (isValues(input)) {
      for (const value of input) {
        line += 1;
        const feature = this.#admit(line, () => readFeature(value, schemas, clock()));
        if (feature !== undefined) yield feature;
      }
      return;
    }
    for await (const text of input) {
      line += 1;
      if (isBlank(text)) continue;
      const feature = this.#admit(line, () => readLine(text, schemas, clock()));
      if (feature !== undefined) yield feature;
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
      const { code, message } = error;
      this.refusedCount += 1;
      if (this.refused.length < REFUSALS_SHOWN) this.refused.push({ line, code, message });
      return undefined;
    }
  }
}

function isValues(input: PushInput): input is readonly JsonValue[] {
  return Array.isArray(input);
}

function isBlank(text: Uint8Array | string): boolean {
  if (typeof text === 'string') return text.trim() === '';
  return text.length === 0 || (text.length === 1 && text[0] === 0x0d);
}
