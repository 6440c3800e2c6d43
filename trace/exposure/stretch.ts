import { type Epc, type FindingRun, minutesOf } from '../../domain/index.ts';
import type { Environment, Environments } from './environment.ts';

/** A serial was in a device's air during [from, to), through one unit or place. */
export interface Stretch {
  readonly from: number;
  /** Infinity while it still is. */
  readonly to: number;
  readonly through: Environment['through'];
}

/** The part of a device's interval during which its air was around the EPC, ascending. */
export function stretchesOf(environments: Environments, epc: Epc, device: string, from: number, to: number): Stretch[] {
  const stretches: Stretch[] = [];
  for (const environment of environments.of(epc)) {
    const start = Math.max(environment.from, from);
    const end = Math.min(environment.to, to);
    if (start >= end || !environment.devices.includes(device)) continue;
    const last = stretches.at(-1);
    if (last !== undefined && last.to === start && throughKey(last.through) === throughKey(environment.through)) {
      stretches[stretches.length - 1] = { ...last, to: end };
    } else stretches.push({ from: start, to: end, through: environment.through });
  }
  return stretches;
}

/** Equal for stretches through the same unit, or the same place and carrier. */
export function throughKey(through: Environment['through']): string {
  return 'unit' in through ? through.unit : `${through.place} ${through.carrier}`;
}

/** Minutes of the runs that lie in [from, to). */
export function minutesWithin(runs: readonly FindingRun[], from: number, to: number): number {
  let ms = 0;
  for (const run of runs) ms += Math.max(0, Math.min(run.to, to) - Math.max(run.from, from));
  return minutesOf(ms);
}
