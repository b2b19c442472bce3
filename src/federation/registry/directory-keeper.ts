/** The keeper's work: one adoption at a time, evidence of what was refused, freshness at each poll. */
import type { JsonValue } from '../../core/canonical.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import { parseStrictJson } from '../../wire/strict-json.ts';
import { checkFreshness } from '../freshness.ts';
import { claimedSerial, readNext, type ChainTrust } from '../registry-chain.ts';
import { readRegistry, type RegistryDocument, type VerifiedRegistry } from '../registry-document.ts';
import type { RegistryKeeper, RegistryKeeperOptions } from '../registry-keeper.ts';
import { createRegistryView, type RegistryView } from '../registry-view.ts';
import { adoptRegistry } from './adopt-registry.ts';
import { createFreshnessGuard, type FreshnessGuard } from './freshness-guard.ts';
import { watchRegistryDirectory, type RegistryDirectory, type RegistryFile } from './registry-directory.ts';
import { adoptedRegistries, insertEvidence } from './registry-store.ts';

const POLL_MS = 2000;

interface Held extends VerifiedRegistry {
  readonly view: RegistryView;
}

export class DirectoryKeeper implements RegistryKeeper {
  readonly #options: RegistryKeeperOptions;
  readonly #trust: ChainTrust;
  readonly #directory: RegistryDirectory;
  readonly #freshness: FreshnessGuard;
  readonly #held = new Map<number, Held>();
  readonly #listeners: ((view: RegistryView) => void)[] = [];
  #current: Held | undefined;
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RegistryKeeperOptions, trust: ChainTrust) {
    this.#options = options;
    this.#trust = trust;
    this.#directory = watchRegistryDirectory(options.directory);
    this.#freshness = createFreshnessGuard(options.graceSeconds ?? 0);
  }

  current(): RegistryView {
    if (this.#current !== undefined) return this.#current.view;
    throw new GatewayError(
      'registry.invalid',
      `no registry that the anchors admit in ${this.#options.directory}`,
    );
  }

  at(serial: number): RegistryView | undefined {
    return this.#held.get(serial)?.view;
  }

  documents(): readonly RegistryDocument[] {
    return [...this.#held.values()].map((registry) => registry.document);
  }

  assertFresh(now: Date): void {
    this.#freshness.assert(this.current().body, now);
  }

  onChange(listener: (view: RegistryView) => void): void {
    this.#listeners.push(listener);
  }

  offer(document: JsonValue): Promise<'adopted' | 'known'> {
    return this.#inTurn(() => this.#consider(document));
  }

  refresh(): Promise<void> {
    return this.#inTurn(() => this.poll());
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
    for (const { document } of await adoptedRegistries(this.#options.database)) {
      this.#hold(await readNext(parseStrictJson(Buffer.from(document)), this.#current, this.#trust));
    }
  }

  async poll(): Promise<void> {
    for (const file of await this.#directory.changed()) await this.#tryFile(file);
    await this.#noticeRollback();
    await this.#readFreshness().catch((error: unknown) => this.#report(error));
  }

  async #tryFile(file: RegistryFile): Promise<void> {
    try {
      await this.#consider(await file.read());
    } catch (error) {
      this.#directory.forget(file);
      this.#report(error);
    }
  }

  async #consider(document: JsonValue): Promise<'adopted' | 'known'> {
    const serial = claimedSerial(document);
    const current = this.#current;
    if (current !== undefined && serial <= current.body.serial) return this.#compare(document, serial);
    const next = await readNext(document, current, this.#trust);
    await this.#options.beforeAdoption?.(next.body);
    await this.#adopt(next);
    this.#hold(next);
    for (const listener of this.#listeners) listener(this.current());
    return 'adopted';
  }

  /** A quarantined ledger cannot say that it adopted; its reads are judged by the new registry all the same. */
  async #adopt(next: VerifiedRegistry): Promise<void> {
    try {
      await adoptRegistry(next, { ...this.#options, report: (error) => this.#report(error) });
    } catch (error) {
      if (!isGatewayError(error, 'ledger.quarantined')) throw error;
      this.#report(error);
    }
  }

  /** A serial we have: the same payload is history, another one under the operators' signatures is a fork. */
  async #compare(document: JsonValue, serial: number): Promise<'known'> {
    const held = this.#held.get(serial);
    const operators = this.#held.get(serial - 1)?.body.operators ?? this.#trust.operators;
    const read = await readRegistry(document, operators, this.#trust.schemas);
    if (held !== undefined && held.sha256 === read.sha256) return 'known';
    throw await this.#keepEvidence(held === undefined ? 'registry.rollback' : 'registry.fork', read);
  }

  /** A directory whose newest registry is older than ours has been set back. */
  async #noticeRollback(): Promise<void> {
    const highest = this.#directory.highest();
    const current = this.#current;
    const served = this.#held.get(highest);
    if (current === undefined || served === undefined || highest >= current.body.serial) return;
    this.#report(await this.#keepEvidence('registry.rollback', served));
  }

  async #keepEvidence(
    code: 'registry.rollback' | 'registry.fork',
    read: VerifiedRegistry,
  ): Promise<GatewayError> {
    const { body, sha256, document } = read;
    const evidence = { code, serial: body.serial, sha256, document: JSON.stringify(document) };
    await insertEvidence(this.#options.database, { ...evidence, seenAt: this.#options.clock() });
    return new GatewayError(code, undefined, { facts: { serial: body.serial, sha256 } });
  }

  /** Only a statement about the current registry, by the key that it names, counts. */
  async #readFreshness(): Promise<void> {
    const document = await this.#directory.freshness();
    if (document === undefined || claimedSerial(document) !== this.current().serial) return;
    const view = this.current();
    const statement = await checkFreshness(document, view, this.#trust.schemas);
    if (statement.sha256 !== view.sha256) {
      throw new GatewayError('registry.fork', 'the freshness signer names another registry under our serial');
    }
    this.#freshness.remember(statement, this.#options.clock());
  }

  #hold(registry: VerifiedRegistry): void {
    this.#current = { ...registry, view: createRegistryView(registry) };
    this.#held.set(registry.body.serial, this.#current);
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
