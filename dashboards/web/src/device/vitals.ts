import type { CalibrationState, DeviceView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { span } from '../words/when.ts';

/** A clock that is off by more than this is worth a look, ms. */
const CLOCK_OFF_MS = 120_000;
/** Percent; the built-in rule warns below it. */
const BATTERY_LOW = 20;

/** How its clock goes, in words; null where that is not known. */
export function clockText({ clock }: DeviceView): { readonly text: string; readonly isOff: boolean } | null {
  if (clock === null) return null;
  const off = Math.abs(clock.behindMs);
  if (off <= CLOCK_OFF_MS) return { text: say('device.clock.right'), isOff: false };
  const by = span(off);
  return {
    text: clock.behindMs > 0 ? say('device.clock.behind', { by }) : say('device.clock.ahead', { by }),
    isOff: true,
  };
}

export function signalText({ signal }: DeviceView): string | null {
  return signal === null ? null : say('device.signal.value', { rssi: Math.round(signal.rssi) });
}

export function batteryOf({ latest }: DeviceView): { readonly percent: number; readonly isLow: boolean } | null {
  const battery = latest.find(({ metric }) => metric === 'battery');
  return battery === undefined ? null : { percent: Math.round(battery.value), isLow: battery.value < BATTERY_LOW };
}

const WORST_FIRST: readonly CalibrationState[] = ['overdue', 'due', 'unknown', 'valid'];

/** Of all its metrics the calibration that wants a look first; null where none was recorded. */
export function worstCalibration({ calibrations }: DeviceView): DeviceView['calibrations'][number] | null {
  return calibrations.toSorted((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state))[0] ?? null;
}

export function inkOf(state: CalibrationState): string {
  if (state === 'overdue' || state === 'due') return 'ink-warning';
  return state === 'unknown' ? 'ink-unknown' : '';
}
