/** Registries that this process adopts: each goes to database and ledger, those that nobody sequences now a little later. */
import { isGatewayError } from '../../../core/errors.ts';
import type { VerifiedRegistry } from '../registry-document.ts';
import { adoptRegistry, type Adoption } from './adopt-registry.ts';

interface Waiting {
  readonly registry: VerifiedRegistry;
  readonly source: string;
}

export class Adoptions {
  readonly #adoption: Omit<Adoption, 'source'>;
  readonly #waiting: Waiting[] = [];

  constructor(adoption: Omit<Adoption, 'source'>) {
    this.#adoption = adoption;
  }

  /**
   * A ledger that takes no entries cannot say that this was adopted; what is read is judged by the new registry all the
   * same. A quarantine ends with the process, which then finds the file again; for a sequencer it waits here. Throws
   * what else kept it out of the database: then it is not adopted.
   */
  async add(registry: VerifiedRegistry, source: string): Promise<void> {
    this.#waiting.push({ registry, source });
    try {
      await this.log();
    } catch (error) {
      this.#waiting.pop();
      throw error;
    }
  }

  /** By rising serial; while nobody sequences the rest waits for the next call. */
  async log(): Promise<void> {
    try {
      for (let one = this.#waiting[0]; one !== undefined; one = this.#waiting[0]) {
        await adoptRegistry(one.registry, { ...this.#adoption, source: one.source });
        this.#waiting.shift();
      }
    } catch (error) {
      if (isGatewayError(error, 'gateway.no-sequencer')) return;
      if (!isGatewayError(error, 'ledger.quarantined')) throw error;
      this.#waiting.length = 0;
      this.#adoption.report(error);
    }
  }
}
