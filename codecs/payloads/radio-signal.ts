import type { Collector } from './collector.ts';
import { isObject } from './tag-event.ts';

/** Signal strengths that a radio tells, dBm; beyond them it is no measurement. */
const WEAKEST_DBM = -200;
const STRONGEST_DBM = 20;

/**
 * How well a device was received, by the gateway that heard it best: `rssi` in dBm, `snr` in dB, of each entry of
 * `rxInfo` (ChirpStack v4) or `rx_metadata` (The Things Stack v3). What is no number says nothing.
 */
export function hearSignal(receivers: unknown, device: string, into: Collector): void {
  const heard = (Array.isArray(receivers) ? receivers : [receivers]).filter(isObject).flatMap(({ rssi, snr }) => {
    const isRssi = typeof rssi === 'number' && rssi >= WEAKEST_DBM && rssi <= STRONGEST_DBM;
    return isRssi ? [{ rssi, snr: typeof snr === 'number' && Number.isFinite(snr) ? snr : null }] : [];
  });
  const best = heard.toSorted((a, b) => b.rssi - a.rssi)[0];
  if (best !== undefined) into.signal({ device, ...best });
}
