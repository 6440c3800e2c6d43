/** ΔH/R of the mean kinetic temperature, kelvin. USP <1079.2>: 83.144 kJ/mol over R. */
export const MKT_KELVIN = 10_000;
/** 0 °C in kelvin. */
export const ZERO_CELSIUS_KELVIN = 273.15;

/** How fast things age at a temperature, as the mean kinetic temperature weighs it. */
export function ageingAt(celsius: number): number {
  return Math.exp(-MKT_KELVIN / (celsius + ZERO_CELSIUS_KELVIN));
}

/** The temperature at which things age so fast, °C: the inverse of {@link ageingAt}. */
export function temperatureOfAgeing(rate: number): number {
  return MKT_KELVIN / -Math.log(rate) - ZERO_CELSIUS_KELVIN;
}

/**
 * Mean kinetic temperature of values that each held for a time (docs/rules.md, `mkt`):
 * `10,000 / -ln( Σ w·exp(-10,000/T) / Σ w )` kelvin.
 *
 * @param celsius values, °C
 * @param weight how long each held, any one unit; same length
 * @returns °C, or null where nothing has weight
 */
export function meanKineticTemperature(celsius: ArrayLike<number>, weight: ArrayLike<number>): number | null {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < celsius.length; i++) {
    const w = weight[i] ?? 0;
    if (!(w > 0)) continue;
    sum += w * ageingAt(celsius[i] ?? 0);
    total += w;
  }
  return total === 0 ? null : temperatureOfAgeing(sum / total);
}
