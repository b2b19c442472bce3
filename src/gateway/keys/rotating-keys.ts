/** The TLS identity and the seal key of a running gateway: taken from `<file>.next` once the registry lists them, without a restart. */
import { createPrivateKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../../config.ts';
import { seconds, type Clock } from '../../core/clock.ts';
import { keyToUse, type Listed } from '../../federation/key-switch.ts';
import { validAt, type RegistryView } from '../../federation/registry/registry-view.ts';
import { readSealKey, type GatewayKeys } from './gateway-keys.ts';
import { readPrivateFile } from '../../pki/private-file.ts';
import { readCertificate, x5t } from '../../pki/thumbprint.ts';
import type { SigningKey } from '../../wire/jws.ts';
import { sealKeyRing } from '../../wire/keys/seal-key-ring.ts';

/** A publication reaches every gateway within 61 s (docs/registry.md): later, peers know the new key. */
export const OVERLAP_SECONDS = 90;
const LOOK_MS = 2_000;

interface Pem {
  readonly key: string;
  readonly cert: string;
}

export interface RotatingKeys {
  /** Getters: what is read is in use now. */
  readonly tls: Pem & { onChange(listener: () => void): void };
  readonly seal: SigningKey;
  close(): void;
}

export interface RotationDeps {
  readonly config: GatewayConfig;
  readonly keys: GatewayKeys;
  readonly registry: { current(): RegistryView; onChange(listener: () => void): void };
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/** Resolves when the files have been looked at once. */
export async function rotateKeys(deps: RotationDeps): Promise<RotatingKeys> {
  const rotation = new Rotation(deps);
  await rotation.look();
  rotation.start();
  return rotation;
}

class Rotation implements RotatingKeys {
  readonly seal;
  readonly tls: RotatingKeys['tls'];
  readonly #deps: RotationDeps;
  readonly #seals: Slot<SigningKey>;
  readonly #identities: Slot<Pem>;
  readonly #listeners: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(deps: RotationDeps) {
    this.#deps = deps;
    const { keys, config } = deps;
    this.seal = sealKeyRing(keys.seal);
    this.#seals = new Slot(keys.seal, ({ kid }) => kid, [
      [[config.keys.seal], () => readSealKey(config.keys.seal)],
      [[`${config.keys.seal}.next`], () => readSealKey(`${config.keys.seal}.next`)],
    ]);
    this.#identities = new Slot(keys.tls, ({ cert }) => x5t(cert), [
      identityAt(config.keys.tlsKey, config.keys.tlsCert),
      identityAt(`${config.keys.tlsKey}.next`, `${config.keys.tlsCert}.next`),
    ]);
    const identities = this.#identities;
    this.tls = {
      get key() {
        return identities.inUse.key;
      },
      get cert() {
        return identities.inUse.cert;
      },
      onChange: (listener) => void this.#listeners.push(listener),
    };
  }

  start(): void {
    const look = (): void =>
      void this.look().catch((err: unknown) => this.#deps.logger.error({ err }, 'key files'));
    this.#timer = setInterval(look, LOOK_MS).unref();
    this.#deps.registry.onChange(look);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    const { registry, config, clock, logger } = this.#deps;
    const overlapMs = (config.keys.switchAfterSeconds ?? OVERLAP_SECONDS) * 1000;
    const unread = (err: unknown): void =>
      logger.error({ err }, 'a key file cannot be used: the old one goes on');
    await this.#seals.read(unread);
    await this.#identities.read(unread);
    const view = registry.current();
    const at = seconds(clock());
    const seal = this.#seals.choose((kid) => listedSeal(view, { member: config.member, kid, at }), overlapMs);
    if (seal !== undefined) {
      logger.info({ from: this.seal.kid, to: seal.kid, registry: view.serial }, 'seal key changed');
      this.seal.use(seal);
    }
    const identity = this.#identities.choose((id) => listedCertificate(view, { config, id, at }), overlapMs);
    if (identity === undefined) return;
    logger.info({ to: x5t(identity.cert), registry: view.serial }, 'TLS certificate changed');
    for (const listener of this.#listeners) listener();
  }
}

type Source<T> = readonly [paths: readonly string[], read: () => Promise<T>];

/** What is in use, and what the files hold. A file that was renamed over the old one is the same key: nothing changes. */
class Slot<T> {
  inUse: T;
  readonly #idOf: (value: T) => string;
  readonly #sources: readonly Source<T>[];
  readonly #marks = new Map<Source<T>, string>();
  readonly #held = new Map<Source<T>, T>();
  /** What was told of a source already. */
  readonly #problems = new Map<Source<T>, string>();
  /** Monotonic: a clock that jumps shortens no overlap. */
  readonly #since = new Map<string, number>();

  constructor(first: T, idOf: (value: T) => string, sources: readonly Source<T>[]) {
    this.inUse = first;
    this.#idOf = idOf;
    this.#sources = sources;
  }

  async read(onError: (error: unknown) => void): Promise<void> {
    for (const source of this.#sources) {
      const [paths, read] = source;
      if (!paths.every((path) => existsSync(path))) {
        for (const known of [this.#held, this.#marks, this.#problems]) known.delete(source);
        continue;
      }
      try {
        const mark = (await Promise.all(paths.map(markOf))).join(' ');
        if (this.#marks.get(source) === mark) continue;
        this.#held.set(source, await read());
        this.#marks.set(source, mark);
        this.#problems.delete(source);
      } catch (error) {
        // Read again at each look: what was wrong may be mended without a change that the mark shows, such as its mode.
        this.#held.delete(source);
        this.#marks.delete(source);
        const problem = error instanceof Error ? error.message : String(error);
        if (this.#problems.get(source) === problem) continue;
        this.#problems.set(source, problem);
        onError(error);
      }
    }
  }

  /** What to use in place of what is in use; undefined when that stays. */
  choose(listed: (id: string) => Listed, overlapMs: number): T | undefined {
    const now = performance.now();
    const values = [this.inUse, ...this.#held.values()];
    const candidates = values.map((value) => {
      const id = this.#idOf(value);
      const said = listed(id);
      if (said === undefined) this.#since.delete(id);
      else if (!this.#since.has(id)) this.#since.set(id, now);
      return { id, listed: said, since: this.#since.get(id) ?? now };
    });
    const inUse = this.#idOf(this.inUse);
    const wanted = keyToUse({ inUse, candidates, now, overlapMs });
    if (wanted === inUse) return undefined;
    const found = values.find((value) => this.#idOf(value) === wanted);
    if (found !== undefined) this.inUse = found;
    return found;
  }
}

function identityAt(keyPath: string, certPath: string): Source<Pem> {
  const read = async (): Promise<Pem> => {
    const [key, cert] = [(await readPrivateFile(keyPath)).toString('utf8'), await readFile(certPath, 'utf8')];
    // Two files are never replaced in one instant: a pair that does not fit is read again.
    if (!readCertificate(cert).checkPrivateKey(createPrivateKey(key)))
      throw new Error(`${certPath} is not the certificate of ${keyPath}`);
    return { key, cert };
  };
  return [[keyPath, certPath], read];
}

async function markOf(path: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(path);
  return `${ino} ${size} ${mtimeMs}`;
}

function listedSeal(
  view: RegistryView,
  { member, kid, at }: { readonly member: string; readonly kid: string; readonly at: number },
): Listed {
  const key = view.sealKey(member, kid);
  return key && { nbf: key.nbf, exp: key.exp, usable: validAt(key, at) };
}

/** Under the address that is ours: another gateway of the member has certificates of its own. */
function listedCertificate(
  view: RegistryView,
  { config, id, at }: { readonly config: GatewayConfig; readonly id: string; readonly at: number },
): Listed {
  const found = view.certificate(id);
  if (found?.member !== config.member || found.authority !== config.peer.authority) return undefined;
  return { nbf: found.nbf, exp: found.exp, usable: validAt(found, at) };
}
