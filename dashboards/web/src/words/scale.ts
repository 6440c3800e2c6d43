/**
 * In which unit temperatures are shown and typed. What is kept, sent and compared is always °C; the frame says here once
 * what who is signed in has chosen, and every figure on the page asks as it becomes text.
 */
import type { TemperatureScale } from '../../../../domain/index.ts';

const CELSIUS = '°C';
const shown: { scale: TemperatureScale } = { scale: 'C' };

export function showIn(scale: TemperatureScale): void {
  shown.scale = scale;
}

/** `°C` or `°F`. */
export function temperatureUnit(): string {
  return shown.scale === 'F' ? '°F' : CELSIUS;
}

/** A value of this unit as it is shown: 4 °C is 39.2 °F; what is no temperature stays. */
export function shownValue(value: number, unit: string): { readonly value: number; readonly unit: string } {
  if (unit !== CELSIUS || shown.scale === 'C') return { value, unit };
  return { value: value * 1.8 + 32, unit: '°F' };
}

/** How far two values are apart: 1 °C more is 1.8 °F more, not 33.8. */
export function shownDifference(value: number, unit: string): { readonly value: number; readonly unit: string } {
  if (unit !== CELSIUS || shown.scale === 'C') return { value, unit };
  return { value: value * 1.8, unit: '°F' };
}

/** What somebody typed, in the unit that is kept; to a thousandth, so that 46 °F is shown as 46 again. */
export function typedValue(value: number, unit: string): number {
  return unit === CELSIUS && shown.scale === 'F' ? rounded((value - 32) / 1.8) : value;
}

/** The same of a difference: a correction, a rise. */
export function typedDifference(value: number, unit: string): number {
  return unit === CELSIUS && shown.scale === 'F' ? rounded(value / 1.8) : value;
}

/**
 * Where the lines of a chart's axis stand: whole steps of the unit that is shown, as values of the unit that is kept.
 *
 * @param step that fits, in the unit that is kept
 */
export function axisSteps(low: number, high: number, step: number, unit: string): number[] {
  const isFahrenheit = unit === CELSIUS && shown.scale === 'F';
  const own = isFahrenheit ? (STEPS.find((one) => one >= step * 1.8 * 0.999) ?? step * 1.8) : step;
  const [from, to] = isFahrenheit ? [low * 1.8 + 32, high * 1.8 + 32] : [low, high];
  const steps: number[] = [];
  for (let nth = Math.ceil(from / own - 1e-9); nth * own <= to + own * 1e-9; nth++) {
    const at = rounded(nth * own);
    steps.push(isFahrenheit ? (at - 32) / 1.8 : at);
  }
  return steps;
}

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500] as const;

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
