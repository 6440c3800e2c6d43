import type { TimeSource } from '../../domain/index.ts';
import type { SimulatedReader } from './reader.ts';

/** One pallet on its way through one portal. */
export interface PalletWalk {
  readonly reader: SimulatedReader;
  readonly time: TimeSource;
  /** Tags on the pallet, as hex. */
  readonly epcs: readonly string[];
  /** Antennas in the order in which the pallet comes past them. */
  readonly antennas: readonly number[];
  /** How long it is in the field of them all, ms; default 3,000. */
  readonly overMs?: number;
  /** How often a tag in the field of an antenna is read, per second; default 8. */
  readonly readsPerSecond?: number;
  /** Strongest RSSI, when right in front of an antenna, dBm; default -48. */
  readonly peakDbm?: number;
  /** 0 <= x < 1; default a fixed sequence, so that a scenario is the same every time. */
  readonly random?: () => number;
}

const TICK_MS = 50;
/** How much weaker a tag is at the edge of an antenna's field than in front of it, dB. */
const EDGE_DB = 24;
/** A field reaches this far before and behind its antenna, as a share of the distance between antennas. */
const REACH = 0.9;

/**
 * Pushes a pallet past the antennas: tags are read more often and more strongly the nearer they are, each a little
 * differently, the first antenna before the second. Resolves when it is through.
 *
 * @returns how many reads the reader took
 */
export async function pushPallet(walk: PalletWalk): Promise<number> {
  const { reader, time, epcs, antennas } = walk;
  const { overMs = 3000, readsPerSecond = 8, peakDbm = -48, random = fixedRandom() } = walk;
  const offsets = epcs.map(() => (random() - 0.5) * 0.3);
  const chance = (readsPerSecond * TICK_MS) / 1000;
  let reads = 0;
  for (let elapsed = 0; elapsed <= overMs; elapsed += TICK_MS) {
    // From one reach before the first antenna to one behind the last; antenna i stands at i.
    const position = -REACH + (elapsed / overMs) * (antennas.length - 1 + 2 * REACH);
    for (const [index, epcHex] of epcs.entries()) {
      for (const [place, antenna] of antennas.entries()) {
        const distance = Math.abs(position + (offsets[index] ?? 0) - place) / REACH;
        if (distance >= 1 || random() >= chance * (1 - distance * distance) * 1.5) continue;
        const rssiDbm = Math.round(peakDbm - EDGE_DB * distance - random() * 4);
        if (reader.see({ antenna, epcHex, rssiDbm })) reads++;
      }
    }
    await time.sleep('simulated-reader.pallet', TICK_MS);
  }
  return reads;
}

/** A linear congruential generator that starts at the same place every time. */
function fixedRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
