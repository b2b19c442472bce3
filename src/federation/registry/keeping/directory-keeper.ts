/** The keeper's work: one adoption at a time, from the directory or from peers; evidence of what contradicts it. */
import type { JsonValue } from '../../../core/canonical.ts';
import { GatewayError } from '../../../core/errors.ts';
import { parseStrictJson } from '../../../wire/json/strict-json.ts';
import { claimedSerial, readNext, type ChainTrust } from '../registry-chain.ts';
import type { RegistryDocument } from '../registry-document.ts';
import type { RegistryKeeper, RegistryKeeperOptions } from '../registry-keeper.ts';
import type { RegistryView } from '../registry-view.ts';
import { Adoptions } from './adoptions.ts';
import { contradiction, setBack, statedContradiction } from './contradictions.ts';
import { createFreshnessGuard, type FreshnessGuard } from './freshness-guard.ts';
import { HeldRegistries, type HeldRegistry } from './held-registries.ts';
import { errorOf, RegistryAlarms, type RegistryAlarm } from './registry-alarms.ts';
import { watchRegistryDirectory, type RegistryDirectory, type RegistryFile } from './registry-directory.ts';
import { adoptedRegistries } from './registry-store.ts';
import { registriesAfter, sharedFreshness, shareFreshness } from './shared-store.ts';

const POLL_MS = 2000;
const DIRECTORY = 'directory';
/** Of what another process of this gateway has: says nothing of what our own directory once had. */
const SHARED = 'process';

export class DirectoryKeeper implements RegistryKeeper {
  readonly #options: RegistryKeeperOptions;
  readonly #trust: ChainTrust;
  readonly #directory: RegistryDirectory;
  readonly #freshness: FreshnessGuard;
  readonly #alarms: RegistryAlarms;
  readonly #held = new HeldRegistries();
  readonly #adoptions: Adoptions;
  #work: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RegistryKeeperOptions, trust: ChainTrust) {
    this.#options = options;
    this.#trust = trust;
    this.#directory = watchRegistryDirectory(options.directory);
    this.#freshness = createFreshnessGuard(options.graceSeconds ?? 0);
    this.#alarms = new RegistryAlarms(options);
    this.#adoptions = new Adoptions({ ...options, report: (error) => this.#report(error) });
  }

  current(): RegistryView {
    return this.#demandCurrent().view;
  }

  at(serial: number): RegistryView | undefined {
    return this.#held.at(serial)?.view;
  }

  document(serial: number): RegistryDocument | undefined {
    return this.#held.at(serial)?.document;
  }

  documents(): readonly RegistryDocument[] {
    return this.#held.documents();
  }

  freshness(): JsonValue | undefined {
    return this.#freshness.document();
  }

  assertFresh(now: Date): void {
    this.#alarms.assertNone();
    this.#freshness.assert(this.current().body, now);
  }

  freshUntil(): Date | undefined {
    return this.#freshness.until();
  }

  onChange(listener: (view: RegistryView) => void): void {
    this.#held.onChange(listener);
  }

  offer(document: JsonValue, source = DIRECTORY): Promise<'adopted' | 'known'> {
    return this.#inTurn(() => this.#consider(document, source));
  }

  offerFreshness(document: JsonValue, source: string): Promise<void> {
    return this.#inTurn(() => this.#considerFreshness(document, source));
  }

  async raise(alarm: RegistryAlarm): Promise<void> {
    const { serial, sha256 } = this.current();
    await this.#alarms.raise(alarm, { serial, sha256 });
  }

  /** One look waits at the most: whoever asks while one is under way gets the next, and shares it. */
  refresh(): Promise<void> {
    return (this.#next ??= this.#inTurn(() => {
      this.#next = undefined;
      return this.poll();
    }));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  start(): void {
    const poll = (): void => void this.refresh().catch((error: unknown) => this.#report(error));
    this.#timer = setInterval(poll, this.#options.pollMs ?? POLL_MS).unref();
  }

  /** The database is not trusted either: whoever writes to it can't make an operator's signature. */
  async load(): Promise<void> {
    for (const { document, source, adoptedAt } of await adoptedRegistries(this.#options.database)) {
      const read = await readNext(parseStrictJson(Buffer.from(document)), this.#held.current, this.#trust);
      this.#held.hold(read, { source, since: adoptedAt });
    }
  }

  async poll(): Promise<void> {
    await this.#adoptions.log().catch((error: unknown) => this.#report(error));
    await this.#followOthers().catch((error: unknown) => this.#report(error));
    for (const file of await this.#directory.changed()) await this.#tryFile(file);
    await this.#noticeRollback();
    await this.#openGroups().catch((error: unknown) => this.#report(error));
    await this.#readFreshness().catch((error: unknown) => this.#report(error));
    if (this.#held.current !== undefined) await this.#alarms.look(standingOf(this.#held.current));
  }

  /** Adopted and logged by another process of this gateway already; judged here once more. */
  async #followOthers(): Promise<void> {
    const { database, beforeAdoption } = this.#options;
    for (const row of await registriesAfter(database, this.#held.current?.body.serial ?? 0)) {
      const next = await readNext(
        parseStrictJson(Buffer.from(row.document)),
        this.#held.current,
        this.#trust,
      );
      await beforeAdoption?.(next.body);
      this.#held.hold(next, { source: SHARED, since: row.adoptedAt });
      this.#held.announce();
    }
    const freshness = await sharedFreshness(database);
    if (freshness !== undefined && this.#held.current !== undefined)
      await this.#considerFreshness(parseStrictJson(Buffer.from(freshness)), DIRECTORY);
  }

  /** Unreadable openings open nothing new. */
  async #openGroups(): Promise<void> {
    this.#held.open((await this.#options.openings?.()) ?? []);
  }

  async #tryFile(file: RegistryFile): Promise<void> {
    try {
      await this.#consider(await file.read(), DIRECTORY);
    } catch (error) {
      this.#directory.forget(file);
      this.#report(error);
    }
  }

  async #consider(document: JsonValue, source: string): Promise<'adopted' | 'known'> {
    const serial = claimedSerial(document);
    if (this.#held.current !== undefined && serial <= this.#held.current.body.serial)
      return this.#compare(document, source);
    const next = await readNext(document, this.#held.current, this.#trust);
    await this.#options.beforeAdoption?.(next.body);
    await this.#adoptions.add(next, source);
    this.#held.hold(next, { source, since: this.#options.clock() });
    this.#held.announce();
    return 'adopted';
  }

  /** A serial we have: the same payload is history, another one under the operators' signatures is a fork. */
  async #compare(document: JsonValue, source: string): Promise<'known'> {
    const current = this.#demandCurrent();
    const alarm = await contradiction(document, { held: this.#held, current, trust: this.#trust, source });
    if (alarm === undefined) return 'known';
    await this.#alarms.raise(alarm, standingOf(current));
    throw errorOf(alarm);
  }

  async #noticeRollback(): Promise<void> {
    const alarm = setBack(this.#held, { source: DIRECTORY, highest: this.#directory.highest() });
    if (alarm !== undefined && (await this.#alarms.raise(alarm, standingOf(this.#demandCurrent()))))
      this.#report(errorOf(alarm));
  }

  async #readFreshness(): Promise<void> {
    const document = await this.#directory.freshness();
    if (document !== undefined) await this.#considerFreshness(document, DIRECTORY);
  }

  /** Only a statement about the current registry, by the key that it names, makes it fresh. */
  async #considerFreshness(document: JsonValue, source: string): Promise<void> {
    const current = this.#demandCurrent();
    const about = this.#held.at(claimedSerial(document));
    // Of a registry that we do not have: it comes again when we do.
    if (about === undefined) return;
    const read = await statedContradiction(document, { about, current, trust: this.#trust, source });
    if (read.alarm !== undefined) {
      await this.#alarms.raise(read.alarm, standingOf(current));
      throw errorOf(read.alarm);
    }
    if (about !== current) return;
    const before = this.#freshness.until();
    this.#freshness.remember(read.statement, document, this.#options.clock());
    const until = this.#freshness.until();
    if (until === undefined || (before !== undefined && until <= before)) return;
    await shareFreshness(this.#options.database, JSON.stringify(document), until);
  }

  #demandCurrent(): HeldRegistry {
    const { current } = this.#held;
    if (current !== undefined) return current;
    throw new GatewayError(
      'registry.invalid',
      `no registry that the anchors admit in ${this.#options.directory}`,
    );
  }

  /** Adoption is one at a time, or two offers could both follow the same registry. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#work.then(work);
    this.#work = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  #report(error: unknown): void {
    this.#options.onError?.(error);
  }
}

function standingOf({ body, sha256 }: HeldRegistry): { readonly serial: number; readonly sha256: string } {
  return { serial: body.serial, sha256 };
}
