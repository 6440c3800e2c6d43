import { AI_STOP_TRIGGER, type ParameterOf, parameterOf, TAG_OBSERVATION } from '../../codecs/llrp/index.ts';
import type { Timer, TimeSource } from '../../domain/index.ts';

/** How long a reader takes for one attempt to see every tag in its field, ms. */
const ATTEMPT_MS = 100;

/**
 * One AISpec under way: it ends by its AISpecStopTrigger (LLRP 1.0.1, clause 11.2.2): Null, Duration, GPI with timeout, or
 * what is seen of tags.
 */
export class SimulatedInventory {
  readonly spec: ParameterOf<'AISpec'>;
  readonly #time: TimeSource;
  readonly #ended: () => void;
  readonly #tags = new Set<string>();
  #seen = 0;
  #deadline: Timer | null = null;
  #quiet: Timer | null = null;

  constructor(spec: ParameterOf<'AISpec'>, time: TimeSource, ended: () => void) {
    this.spec = spec;
    this.#time = time;
    this.#ended = ended;
  }

  start(): void {
    const [stop, observation] = [this.#stop, this.#observation];
    if (stop?.AISpecStopTriggerType === AI_STOP_TRIGGER.duration) this.#endAfter(stop.DurationTrigger);
    if (stop?.AISpecStopTriggerType === AI_STOP_TRIGGER.gpiWithTimeout) {
      this.#endAfter(parameterOf(stop, 'GPITriggerValue')?.Timeout ?? 0);
    }
    if (observation === undefined) return;
    this.#endAfter(observation.Timeout);
    if (observation.TriggerType === TAG_OBSERVATION.attempts) this.#endAfter(observation.NumberOfAttempts * ATTEMPT_MS);
    this.#awaitQuiet();
  }

  cancel(): void {
    this.#deadline?.cancel();
    this.#quiet?.cancel();
  }

  /** Antenna 0 stands for all. */
  covers(antenna: number): boolean {
    return this.spec.AntennaIDs.includes(0) || this.spec.AntennaIDs.includes(antenna);
  }

  /** A tag was read. */
  saw(epcHex: string): void {
    const isNew = !this.#tags.has(epcHex);
    this.#tags.add(epcHex);
    this.#seen += 1;
    const observation = this.#observation;
    if (observation === undefined) return;
    const { TriggerType, NumberOfTags } = observation;
    if (TriggerType === TAG_OBSERVATION.tags && this.#seen >= NumberOfTags) this.#end();
    else if (TriggerType === TAG_OBSERVATION.uniqueTags && this.#tags.size >= NumberOfTags) this.#end();
    else if (TriggerType === TAG_OBSERVATION.noMoreTags) this.#awaitQuiet();
    else if (TriggerType === TAG_OBSERVATION.noMoreUniqueTags && isNew) this.#awaitQuiet();
  }

  gpi(port: number, isHigh: boolean): void {
    const stop = this.#stop;
    if (stop?.AISpecStopTriggerType !== AI_STOP_TRIGGER.gpiWithTimeout) return;
    const trigger = parameterOf(stop, 'GPITriggerValue');
    if (trigger?.GPIPortNum === port && trigger.GPIEvent === isHigh) this.#end();
  }

  get #stop(): ParameterOf<'AISpecStopTrigger'> | undefined {
    return parameterOf(this.spec, 'AISpecStopTrigger');
  }

  get #observation(): ParameterOf<'TagObservationTrigger'> | undefined {
    const stop = this.#stop;
    if (stop?.AISpecStopTriggerType !== AI_STOP_TRIGGER.tagObservation) return undefined;
    return parameterOf(stop, 'TagObservationTrigger');
  }

  #awaitQuiet(): void {
    const observation = this.#observation;
    const type = observation?.TriggerType;
    if (observation === undefined || observation.T === 0) return;
    if (type !== TAG_OBSERVATION.noMoreTags && type !== TAG_OBSERVATION.noMoreUniqueTags) return;
    this.#quiet?.cancel();
    this.#quiet = this.#time.after('simulated-reader.no-more-tags', observation.T, () => this.#end());
  }

  /** 0 means that there is no such end. */
  #endAfter(ms: number): void {
    if (ms === 0) return;
    this.#deadline?.cancel();
    this.#deadline = this.#time.after('simulated-reader.inventory', ms, () => this.#end());
  }

  #end(): void {
    this.cancel();
    this.#ended();
  }
}
