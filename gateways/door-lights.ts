import type { Timer, TimeSource } from '../domain/index.ts';
import type { ReaderProfile } from './config.ts';
import { addressed, type Colour, type GatewayCommand } from './stack-light.ts';

export interface Light {
  readonly colour: Colour;
  readonly buzzer: boolean;
}

export interface DoorLightsOptions {
  readonly readers: readonly ReaderProfile[];
  readonly time: TimeSource;
  /** Sets the outputs of a reader. */
  readonly set: (profile: ReaderProfile, light: Light) => void;
}

/** What each reader's stack light shows, and why: the platform's commands; while it is away the gateway's own judgement. */
export class DoorLights {
  readonly #options: DoorLightsOptions;
  readonly #commanded = new Map<string, Light>();
  readonly #timers = new Map<string, Timer>();
  /** By reader, while the platform is away. */
  readonly #judged = new Map<string, Light>();
  #isCutOff = false;

  constructor(options: DoorLightsOptions) {
    this.#options = options;
  }

  command(command: GatewayCommand): void {
    const { colour, buzzer, forMs } = command;
    for (const profile of addressed(command, this.#options.readers)) {
      this.#command(profile, { colour, buzzer }, forMs ?? null);
    }
  }

  /** A green light was for the pallet before: amber until somebody says what to make of this one. */
  begun(portal: string): void {
    for (const profile of this.#options.readers) {
      if (profile.antennas.some((antenna) => antenna.portal === portal)) this.#command(profile, UNJUDGED, UNJUDGED_MS);
    }
  }

  /** The platform is away, or back. */
  cutOff(isCutOff: boolean): void {
    this.#isCutOff = isCutOff;
    if (!isCutOff) this.#judged.clear();
    for (const profile of this.#options.readers) this.#show(profile);
  }

  /** While the platform is away: what the gateway makes of a pass at these readers; null = nothing goes through. */
  judged(readers: ReadonlySet<string>, light: Light | null): void {
    for (const profile of this.#options.readers) {
      if (!readers.has(profile.id)) continue;
      if (light === null) this.#judged.delete(profile.id);
      else this.#judged.set(profile.id, light);
      this.#show(profile);
    }
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }

  #command(profile: ReaderProfile, light: Light, forMs: number | null): void {
    this.#timers.get(profile.id)?.cancel();
    this.#commanded.set(profile.id, light);
    this.#show(profile);
    if (forMs === null) return;
    const off = () => {
      this.#commanded.set(profile.id, DARK);
      this.#show(profile);
    };
    this.#timers.set(profile.id, this.#options.time.after('gateway.light', forMs, off));
  }

  #show(profile: ReaderProfile): void {
    const commanded = this.#commanded.get(profile.id) ?? DARK;
    this.#options.set(profile, this.#isCutOff ? (this.#judged.get(profile.id) ?? CUT_OFF) : commanded);
  }
}

const CUT_OFF: Light = { colour: 'amber', buzzer: false };
const UNJUDGED = CUT_OFF;
/** A pass without a verdict by then had nothing the platform could judge. */
const UNJUDGED_MS = 30_000;
const DARK: Light = { colour: 'off', buzzer: false };
