import type { TimeSource } from '../../domain/index.ts';
import type { Climate } from '../loggers/climate.ts';
import { SimulatedLogger } from '../loggers/logger.ts';
import type { FleetScenario } from './scenario.ts';

export interface FleetOptions {
  readonly scenario: FleetScenario;
  readonly brokerUrl: string;
  passwordOf(device: string): string;
  readonly time: TimeSource;
  readonly signal: AbortSignal;
}

/** Ids of the loggers of a fleet. */
export function fleetIds({ loggers, prefix }: FleetScenario): string[] {
  return Array.from({ length: loggers }, (_, i) => `${prefix}${i + 1}`);
}

/** Lets a fleet of loggers report until its time is over or `signal` aborts. @returns readings acknowledged */
export async function playFleet({ scenario, brokerUrl, passwordOf, time, signal }: FleetOptions): Promise<number> {
  const from = time.now();
  const until = from + scenario.for;
  const loggers = fleetIds(scenario).map((id, index) => {
    return new SimulatedLogger({ id, password: passwordOf(id), brokerUrl, climate: climateOf(scenario, index, from) });
  });
  let readings = 0;
  try {
    await Promise.all(loggers.map((logger) => logger.start()));
    for (let at = from; at < until && !signal.aborted; at += scenario.every) {
      const next = Math.min(at + scenario.every, until);
      await time.sleep('simulate: fleet', Math.max(0, next - time.now()), signal);
      if (signal.aborted) break;
      // Two metrics a measurement.
      for (const sent of await Promise.all(loggers.map((logger) => logger.upload(at, next, scenario.every)))) {
        readings += 2 * sent;
      }
    }
  } finally {
    await Promise.all(loggers.map((logger) => logger.stop()));
  }
  return readings;
}

function climateOf({ baseC, tooWarm, for: forMs }: FleetScenario, index: number, from: number): Climate {
  const warm = { from: from + forMs / 3, to: from + 10 * forMs, peakC: baseC + 9, rampMs: forMs / 10 };
  const disturbances = index < tooWarm ? [warm] : [];
  return { baseC, swingC: 0.6, humidity: 45, seed: index, disturbances };
}
