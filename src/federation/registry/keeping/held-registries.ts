/** The registries of one alliance that this gateway holds, the current one last, and who hears of a new one. */
import { canonicalJson } from '../../../core/canonical.ts';
import type { GroupOpenings } from '../hidden-groups.ts';
import type { RegistryDocument, VerifiedRegistry } from '../registry-document.ts';
import { createRegistryView, type RegistryView } from '../registry-view.ts';
import type { RegistrySource } from './registry-store.ts';

export interface HeldRegistry extends VerifiedRegistry {
  readonly view: RegistryView;
  readonly source: RegistrySource;
  /** When it was adopted. */
  readonly since: Date;
}

export class HeldRegistries {
  readonly #bySerial = new Map<number, HeldRegistry>();
  readonly #listeners: ((view: RegistryView) => void)[] = [];
  #openings: readonly GroupOpenings[] = [];
  #current: HeldRegistry | undefined;

  /** Undefined until the first is held. */
  get current(): HeldRegistry | undefined {
    return this.#current;
  }

  at(serial: number): HeldRegistry | undefined {
    return this.#bySerial.get(serial);
  }

  /** By rising serial. */
  all(): readonly HeldRegistry[] {
    return [...this.#bySerial.values()];
  }

  documents(): readonly RegistryDocument[] {
    return this.all().map(({ document }) => document);
  }

  onChange(listener: (view: RegistryView) => void): void {
    this.#listeners.push(listener);
  }

  hold(registry: VerifiedRegistry, origin: Pick<HeldRegistry, 'source' | 'since'>): void {
    const view = createRegistryView({ ...registry, openings: this.#openings });
    this.#current = { ...registry, ...origin, view };
    this.#bySerial.set(registry.body.serial, this.#current);
  }

  /** Tells of the current registry. */
  announce(): void {
    if (this.#current === undefined) return;
    for (const listener of this.#listeners) listener(this.#current.view);
  }

  /** Openings may come before or after the registry that commits to them; the same ones again change nothing. */
  open(openings: readonly GroupOpenings[]): void {
    if (this.#current === undefined || canonicalJson(openings) === canonicalJson(this.#openings)) return;
    this.#openings = openings;
    this.hold(this.#current, this.#current);
    this.announce();
  }
}
