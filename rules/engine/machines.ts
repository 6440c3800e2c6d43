import { forecastSteps } from './forecast.ts';
import { freezeThawSteps } from './freeze-thaw.ts';
import { intervalSteps } from './interval.ts';
import type { Machine } from './machine.ts';
import { MktMachine } from './mkt.ts';
import { KEY_KINDS } from './program.ts';
import { rateSteps } from './rate.ts';
import type { Reach } from './series.ts';
import { shockSteps } from './shock.ts';
import { SilenceMachine } from './silence.ts';
import { StepMachine } from './step-machine.ts';
import { ThresholdMachine } from './threshold.ts';
import type { Watches } from './watches.ts';

const SILENCE = KEY_KINDS.indexOf('silence');

/** The machine of each kind of rule, in the order of `KEY_KINDS`. */
export class Machines {
  readonly #watches: Watches;
  readonly #machines: readonly Machine[];

  constructor(watches: Watches) {
    this.#watches = watches;
    this.#machines = [
      new ThresholdMachine(watches),
      new SilenceMachine(watches),
      new MktMachine(watches),
      new StepMachine(watches, rateSteps),
      new StepMachine(watches, shockSteps),
      new StepMachine(watches, intervalSteps),
      new StepMachine(watches, freezeThawSteps),
      new StepMachine(watches, forecastSteps(watches)),
    ];
  }

  of(watch: number): Machine {
    return this.#machines[this.#watches.kind[watch] as number] as Machine;
  }

  /** Whether the watch sees suspect readings too: they end a silence. */
  seesSuspects(watch: number): boolean {
    return this.#watches.kind[watch] === SILENCE;
  }

  /** What the key's rules read of its tail where it lies; null where every tail holds that. */
  reachOf(key: number): Reach | null {
    let reach: Reach | null = null;
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      for (const each of this.of(watch).reads?.(watch) ?? []) reach = reach === null ? each : further(reach, each);
    }
    return reach;
  }
}

function further(a: Reach, b: Reach): Reach {
  return {
    windowMs: Math.max(a.windowMs, b.windowMs),
    newestMs: Math.max(a.newestMs, b.newestMs),
    newest: Math.max(a.newest, b.newest),
  };
}
