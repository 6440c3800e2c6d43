/** Epoch ms UTC, and the value in the metric's unit. */
export interface ReferenceReading {
  readonly time: number;
  readonly value: number;
}

/** How the key is measured from a moment on. */
export interface ReferenceMeasure {
  readonly from: number;
  /** Values as received with what is added to them, ascending. */
  readonly curve: readonly (readonly [received: number, added: number])[];
  readonly codes: readonly number[];
  /** Infinity: any step is plausible. */
  readonly stepPerMinute: number;
}

/** docs/rules.md, "Quality of a reading", sentence by sentence, for the whole sorted set of a key's readings. */
export interface ReferenceQuality {
  /** Ascending; the first from -Infinity. */
  readonly measures: readonly ReferenceMeasure[];
  /** Humidity is judged as this at most. */
  readonly most?: number;
  /** In log order. */
  readonly said: readonly { readonly from: number; readonly to: number | null; readonly isSetAside: boolean }[];
}

/** "linear between two points, constant beyond the first and the last" */
function added(curve: ReferenceMeasure['curve'], received: number): number {
  if (curve.length === 0) return 0;
  const below = curve.filter(([at]) => at <= received).at(-1);
  const above = curve.filter(([at]) => at >= received).at(0);
  if (below === undefined) return (above as readonly [number, number])[1];
  if (above === undefined || above[0] === below[0]) return below[1];
  return below[1] + ((above[1] - below[1]) * (received - below[0])) / (above[0] - below[0]);
}

/** The readings that are judged as fact, with the values that are judged. */
export function referenceGood(readings: readonly ReferenceReading[], quality: ReferenceQuality): ReferenceReading[] {
  const { measures, most = Number.POSITIVE_INFINITY, said } = quality;
  const judged = readings.map(({ time, value }) => {
    const measure = measures.filter(({ from }) => from <= time).at(-1) as ReferenceMeasure;
    return {
      ...{ time, value: Math.min(measure.curve.length === 0 ? value : value + added(measure.curve, value), most) },
      isCode: measure.codes.some((code) => Math.abs(value - code) <= 0.001),
      stepPerMinute: measure.stepPerMinute,
    };
  });
  const isOutOfRange = ({ value }: ReferenceReading) => value < -200 || value > 300;
  return judged.filter((reading, i) => {
    if (reading.isCode || isOutOfRange(reading)) return false;
    const neighbours = [judged[i - 2], judged[i - 1], judged[i + 1], judged[i + 2]].filter(
      (other) => other !== undefined && !other.isCode && !isOutOfRange(other),
    );
    const isReached = neighbours.some((other) => {
      if (other === undefined) return false;
      const minutes = Math.abs(other.time - reading.time) / 60_000;
      return Math.abs(other.value - reading.value) <= reading.stepPerMinute * Math.max(1, minutes);
    });
    if (neighbours.length > 0 && !isReached) return false;
    let isSetAside = false;
    for (const { from, to, isSetAside: is } of said) {
      if (from <= reading.time && (to === null || reading.time < to)) isSetAside = is;
    }
    return !isSetAside;
  });
}
