import {
  type ParameterOf,
  parameterOf,
  parametersOf,
  ROSPEC_STATE,
  START_TRIGGER,
  STOP_TRIGGER,
} from '../../codecs/llrp/index.ts';
import type { Timer, TimeSource } from '../../domain/index.ts';
import { isSelected } from './filter.ts';
import { SimulatedInventory } from './inventory.ts';

export type RospecState = 'disabled' | 'inactive' | 'active';

/** What a ROSpec tells its reader. */
export interface RospecEvents {
  readonly started: (rospec: SimulatedRospec) => void;
  /** One of its AISpecs has ended by its own trigger. @param specIndex 1-based */
  readonly inventoryEnded: (rospec: SimulatedRospec, specIndex: number) => void;
  readonly ended: (rospec: SimulatedRospec) => void;
}

/**
 * One ROSpec with the state machine of LLRP 1.0.1, clause 6.2.2: disabled, inactive, active; started by Null (only by
 * START_ROSPEC), Immediate, Periodic or GPI, stopped by Null, Duration or GPI with timeout.
 */
export class SimulatedRospec {
  readonly id: number;
  readonly #spec: ParameterOf<'ROSpec'>;
  readonly #time: TimeSource;
  readonly #events: RospecEvents;
  /** 1-based place of the AISpec under way in the ROSpec; 0 where none is. */
  specIndex = 0;
  #state: RospecState = 'disabled';
  #period: Timer | null = null;
  #deadline: Timer | null = null;
  /** The AISpec under way, and the next ones. */
  #inventory: SimulatedInventory | null = null;

  constructor(spec: ParameterOf<'ROSpec'>, time: TimeSource, events: RospecEvents) {
    this.id = spec.ROSpecID;
    this.#spec = spec;
    this.#time = time;
    this.#events = events;
  }

  get state(): RospecState {
    return this.#state;
  }

  /** As GET_ROSPECS answers it. */
  get spec(): ParameterOf<'ROSpec'> {
    return { ...this.#spec, CurrentState: ROSPEC_STATE[this.#state] };
  }

  get report(): ParameterOf<'ROReportSpec'> | undefined {
    return parameterOf(this.#spec, 'ROReportSpec');
  }

  /** Of the AISpec under way; null where it says none. */
  get inventoryParameterSpecId(): number | null {
    const spec = this.#inventory?.spec;
    return spec === undefined ? null : (parameterOf(spec, 'InventoryParameterSpec')?.InventoryParameterSpecID ?? null);
  }

  /** Whether the AISpec under way listens at this antenna; antenna 0 stands for all. */
  covers(antenna: number): boolean {
    return this.#inventory?.covers(antenna) ?? false;
  }

  /** Whether a tag answers there: the AISpec's filters may leave it out. */
  hears(antenna: number, epcHex: string, epcBits: number): boolean {
    const inventory = this.#inventory;
    return inventory?.covers(antenna) === true && isSelected(inventory.spec, antenna, epcHex, epcBits);
  }

  /** A tag was read and reported: its AISpec may end with it. */
  saw(epcHex: string): void {
    this.#inventory?.saw(epcHex);
  }

  enable(): void {
    if (this.#state !== 'disabled') return;
    this.#state = 'inactive';
    const trigger = this.#start;
    if (trigger?.ROSpecStartTriggerType === START_TRIGGER.immediate) this.start();
    if (trigger?.ROSpecStartTriggerType === START_TRIGGER.periodic) this.#startPeriodically(trigger);
  }

  disable(): void {
    this.#period?.cancel();
    this.#end();
    this.#state = 'disabled';
  }

  /** @returns whether it is active now that was not before */
  start(): boolean {
    if (this.#state !== 'inactive') return false;
    this.#state = 'active';
    this.#events.started(this);
    this.#inventoryAt(0);
    const stop = this.#stop;
    if (stop?.ROSpecStopTriggerType === STOP_TRIGGER.duration) this.#stopAfter(stop.DurationTriggerValue);
    const timeout = stop === undefined ? undefined : parameterOf(stop, 'GPITriggerValue')?.Timeout;
    if (stop?.ROSpecStopTriggerType === STOP_TRIGGER.gpiWithTimeout && timeout !== undefined && timeout > 0) {
      this.#stopAfter(timeout);
    }
    return true;
  }

  stop(): void {
    if (!this.#end()) return;
    // An Immediate trigger starts it again at once (clause 10.2.1.1.1).
    if (this.#start?.ROSpecStartTriggerType === START_TRIGGER.immediate) this.start();
  }

  /** A GPI changed: may start or stop it. */
  gpi(port: number, isHigh: boolean): void {
    if (this.#state === 'inactive' && this.#start?.ROSpecStartTriggerType === START_TRIGGER.gpi) {
      if (matches(parameterOf(this.#start, 'GPITriggerValue'), port, isHigh)) this.start();
    } else if (this.#state === 'active' && this.#stop?.ROSpecStopTriggerType === STOP_TRIGGER.gpiWithTimeout) {
      if (matches(parameterOf(this.#stop, 'GPITriggerValue'), port, isHigh)) this.stop();
    }
    this.#inventory?.gpi(port, isHigh);
  }

  /** The AISpecs follow each other; with the last the ROSpec ends (LLRP 1.0.1, clause 6.2.2). */
  #inventoryAt(index: number): void {
    this.#inventory?.cancel();
    this.#inventory = null;
    this.specIndex = 0;
    if (this.#state !== 'active') return;
    const spec = parametersOf(this.#spec, 'AISpec')[index];
    if (spec === undefined) {
      if (index > 0) this.stop();
      return;
    }
    this.#inventory = new SimulatedInventory(spec, this.#time, () => {
      this.#events.inventoryEnded(this, index + 1);
      this.#inventoryAt(index + 1);
    });
    this.specIndex = index + 1;
    this.#inventory.start();
  }

  get #start(): ParameterOf<'ROSpecStartTrigger'> | undefined {
    const boundary = parameterOf(this.#spec, 'ROBoundarySpec');
    return boundary && parameterOf(boundary, 'ROSpecStartTrigger');
  }

  get #stop(): ParameterOf<'ROSpecStopTrigger'> | undefined {
    const boundary = parameterOf(this.#spec, 'ROBoundarySpec');
    return boundary && parameterOf(boundary, 'ROSpecStopTrigger');
  }

  #startPeriodically(trigger: ParameterOf<'ROSpecStartTrigger'>): void {
    const periodic = parameterOf(trigger, 'PeriodicTriggerValue');
    if (periodic === undefined || periodic.Period === 0) return;
    this.#period = this.#time.every('simulated-reader.rospec-period', periodic.Period, () => this.start());
  }

  #stopAfter(ms: number): void {
    this.#deadline = this.#time.after('simulated-reader.rospec-stop', ms, () => this.stop());
  }

  #end(): boolean {
    this.#deadline?.cancel();
    if (this.#state !== 'active') return false;
    this.#inventory?.cancel();
    this.#inventory = null;
    this.#state = 'inactive';
    this.#events.ended(this);
    return true;
  }
}

function matches(trigger: ParameterOf<'GPITriggerValue'> | undefined, port: number, isHigh: boolean): boolean {
  return trigger !== undefined && trigger.GPIPortNum === port && trigger.GPIEvent === isHigh;
}
