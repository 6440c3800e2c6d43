import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { keyText, openManifest } from '../codecs/manifest/index.ts';
import {
  type DoorManifest,
  type DoorRule,
  InputError,
  IsothermError,
  isJudgedAtDoor,
  type Logger,
  silentLogger,
  type TimeSource,
} from '../domain/index.ts';
import type { GatewayConfig } from './config.ts';
import { DoorFacts } from './door-facts.ts';
import type { ManifestAge } from './offline-judgement.ts';
import { makeFolder, syncFolder } from './synced-folder.ts';

/** In the gateway's `dataDir`: the manifest as it came; when the platform last stood by it; the key it is believed by. */
const MANIFEST_FILE = 'door-manifest';
const HEARD_FILE = 'door-manifest.heard';
const KEY_FILE = 'door-manifest.key';

const heardSchema = z.object({
  version: z.number().int(),
  /** By the platform's clock, and the gateway's at that moment, epoch ms UTC. */
  platformAt: z.number(),
  gatewayAt: z.number(),
});

/** What is said of the manifest in the status. Times epoch ms UTC. */
export interface ManifestStatus {
  readonly version: number;
  readonly madeAt: number;
  /** When the platform last stood by it, by its own clock. */
  readonly confirmedAt: number;
  /** null: the gateway's clock was set back. */
  readonly ageMs: number | null;
  readonly isOld: boolean;
  readonly shipments: number;
  readonly things: number;
  /** Rules over passes that it tells of, and that the gateway judges by. */
  readonly rules: number;
  readonly judgedRules: number;
  readonly left: DoorManifest['left'];
  /** false: the disk did not take it, a restart would not find it. */
  readonly isKept: boolean;
}

export interface ManifestStoreOptions {
  readonly config: Pick<GatewayConfig, 'id' | 'dataDir' | 'manifest'>;
  readonly time: TimeSource;
  readonly logger: Logger;
}

/**
 * The last good manifest, in memory and on disk. What comes is taken whole or refused by its code; the last good one
 * stays. Its age is counted from when the platform last stood by it, by a clock that nobody sets, and over a restart by the
 * gateway's clock; a clock that went back makes the age unknown.
 */
export class ManifestStore {
  readonly #options: ManifestStoreOptions;
  #facts: DoorFacts | null = null;
  /** When the platform last stood by it, by its clock; how long ago that was when it was noted; and when that was. */
  #confirmedAt = 0;
  #ageMs: number | null = 0;
  #notedAt = 0;
  #isKept = true;
  /** Code of what was last refused, until something good comes. */
  #refused: string | null = null;

  constructor(options: ManifestStoreOptions) {
    this.#options = options;
  }

  /** Takes up what a run before left on the disk. Nothing there is no error; what is no good is said and left alone. */
  load(): void {
    const { config, logger, time } = this.#options;
    const bytes = this.#read(MANIFEST_FILE);
    if (bytes === null) return;
    try {
      const { manifest } = openManifest(bytes, (key) => this.#isBelieved(key));
      if (manifest === null) throw new InputError('MANIFEST_MALFORMED', 'the file holds no door manifest');
      this.#requireOwn(manifest.gateway);
      const heard = this.#heard(manifest.version);
      this.#facts = new DoorFacts(manifest);
      this.#confirmedAt = heard?.platformAt ?? manifest.completeUntil;
      const ageMs = time.now() - (heard?.gatewayAt ?? manifest.madeAt);
      this.#ageMs = ageMs < 0 ? null : ageMs;
      this.#notedAt = time.monotonic();
    } catch (error) {
      if (!(error instanceof IsothermError)) throw error;
      this.#refused = error.code;
      logger.error({ gateway: config.id, err: error }, 'the door manifest on disk is not taken');
    }
  }

  /**
   * Takes what came from the platform.
   * @returns whether the manifest is another one now
   * @throws {InputError} MANIFEST_*: refused, the last good one stays
   */
  take(bytes: Uint8Array): boolean {
    try {
      const isOther = this.#take(bytes);
      this.#refused = null;
      return isOther;
    } catch (error) {
      if (error instanceof IsothermError) this.#refused = error.code;
      throw error;
    }
  }

  /** null where there is none. */
  get facts(): DoorFacts | null {
    return this.#facts;
  }

  /** Code of what was last refused, null once something good came after it. */
  get refused(): string | null {
    return this.#refused;
  }

  get age(): ManifestAge {
    const ms = this.#age();
    if (ms === null) return { is: 'unknown' };
    return ms > this.#options.config.manifest.oldAfterMs ? { is: 'old', ms } : { is: 'fresh' };
  }

  /** The platform's clock, as far as it can be told from here. */
  get platformNow(): number {
    const ms = this.#age();
    return ms === null ? this.#options.time.now() : this.#confirmedAt + ms;
  }

  get status(): ManifestStatus | null {
    if (this.#facts === null) return null;
    const { version, madeAt, shipments, things, left, rules = [] } = this.#facts.manifest;
    return {
      ...{ version, madeAt, confirmedAt: this.#confirmedAt, ageMs: this.#age(), isOld: this.age.is !== 'fresh' },
      ...{ shipments: shipments.length, things: things.length, left, isKept: this.#isKept },
      ...{ rules: rules.length, judgedRules: rules.filter(isJudgedAtDoor).length },
    };
  }

  #age(): number | null {
    return this.#ageMs === null ? null : this.#ageMs + (this.#options.time.monotonic() - this.#notedAt);
  }

  #take(bytes: Uint8Array): boolean {
    const { publicKey, manifest, confirmation } = openManifest(bytes, (key) => this.#isBelieved(key));
    const said = manifest ?? confirmation;
    this.#requireOwn(said.gateway);
    const present = this.#facts?.manifest.version ?? 0;
    if (said.version < present) {
      const message = `door manifest ${said.version} is older than ${present}, which this gateway has`;
      throw new InputError('MANIFEST_OLDER', message, { given: said.version, present });
    }
    if (manifest === null) {
      // The manifest itself is still to come.
      if (said.version === present) this.#confirm(present, confirmation?.at ?? 0);
      return false;
    }
    this.#facts = new DoorFacts(manifest);
    this.#isKept = this.#write(MANIFEST_FILE, bytes);
    if (this.#read(KEY_FILE) === null) this.#write(KEY_FILE, Buffer.from(`${keyText(publicKey)}\n`));
    this.#confirm(manifest.version, manifest.completeUntil);
    return true;
  }

  #confirm(version: number, platformAt: number): void {
    const { time } = this.#options;
    // Said again late, on its way twice.
    if (this.#facts === null || (platformAt < this.#confirmedAt && this.#ageMs !== null)) return;
    this.#confirmedAt = platformAt;
    this.#ageMs = 0;
    this.#notedAt = time.monotonic();
    const heard: z.output<typeof heardSchema> = { version, platformAt, gatewayAt: time.now() };
    this.#isKept = this.#write(HEARD_FILE, Buffer.from(JSON.stringify(heard))) && this.#isKept;
  }

  /** Those of the configuration; else the one that came first, over a connection that the gateway trusts. */
  #isBelieved(publicKey: Buffer): boolean {
    const { keys } = this.#options.config.manifest;
    const key = keyText(publicKey);
    if (keys.length > 0) return keys.includes(key);
    const pinned = this.#read(KEY_FILE);
    return pinned === null || pinned.toString('utf8').trim() === key;
  }

  #requireOwn(gateway: string): void {
    const { id } = this.#options.config;
    if (gateway === id) return;
    throw new InputError('MANIFEST_OTHER_GATEWAY', `the door manifest is for ${gateway}, this gateway is ${id}`, {
      gateway,
    });
  }

  #heard(version: number): z.output<typeof heardSchema> | null {
    const bytes = this.#read(HEARD_FILE);
    try {
      const heard = heardSchema.safeParse(bytes === null ? null : JSON.parse(bytes.toString('utf8')));
      return heard.success && heard.data.version === version ? heard.data : null;
    } catch {
      // Not JSON: the age is counted from when the manifest was made.
      return null;
    }
  }

  #read(name: string): Buffer | null {
    try {
      return readFileSync(join(this.#options.config.dataDir, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      this.#options.logger.error({ err: error, file: name }, 'the door manifest on disk is not taken');
      return null;
    }
  }

  /** Whole or not at all, also in a power cut. @returns whether the disk took it */
  #write(name: string, bytes: Uint8Array): boolean {
    const { config, logger } = this.#options;
    const file = join(config.dataDir, name);
    try {
      makeFolder(config.dataDir);
      const handle = openSync(`${file}.new`, 'w', 0o600);
      try {
        for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(`${file}.new`, file);
      syncFolder(config.dataDir);
      return true;
    } catch (error) {
      logger.error({ gateway: config.id, err: error, file: name }, 'the door manifest cannot be kept on disk');
      return false;
    }
  }
}

/** What a gateway has on its disk, whether it runs or not. @returns `refused` the code of what is wrong with it */
export function diagnoseManifest(
  config: ManifestStoreOptions['config'],
  time: TimeSource,
): { readonly manifest: ManifestStatus | null; readonly rules: readonly DoorRule[]; readonly refused: string | null } {
  const store = new ManifestStore({ config, time, logger: silentLogger });
  store.load();
  return { manifest: store.status, rules: store.facts?.manifest.rules ?? [], refused: store.refused };
}
