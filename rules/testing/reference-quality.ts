/** Epoch ms UTC, and the value in the metric's unit. */
export interface ReferenceReading {
  readonly time: number;
  readonly value: number;
}

/** docs/rules.md, "Quality of a reading", sentence by sentence, for the whole sorted set of a key's readings. */
export interface ReferenceQuality {
  readonly correction: number;
  readonly codes: readonly number[];
  /** Infinity: any step is plausible. */
  readonly stepPerMinute: number;
  /** Humidity is judged as this at most. */
  readonly most?: number;
  /** In log order. */
  readonly said: readonly { readonly from: number; readonly to: number | null; readonly isSetAside: boolean }[];
}

/** The readings that are judged as fact, with the values that are judged. */
export function referenceGood(readings: readonly ReferenceReading[], quality: ReferenceQuality): ReferenceReading[] {
  const { correction, codes, stepPerMinute, most = Number.POSITIVE_INFINITY, said } = quality;
  const judged = readings.map(({ time, value }) => ({
    time,
    value: Math.min(correction === 0 ? value : value + correction, most),
    isCode: codes.some((code) => Math.abs(value - code) <= 0.001),
  }));
  const isOutOfRange = ({ value }: ReferenceReading) => value < -200 || value > 300;
  return judged.filter((reading, i) => {
    if (reading.isCode || isOutOfRange(reading)) return false;
    const neighbours = [judged[i - 2], judged[i - 1], judged[i + 1], judged[i + 2]].filter(
      (other) => other !== undefined && !other.isCode && !isOutOfRange(other),
    );
    const isReached = neighbours.some((other) => {
      if (other === undefined) return false;
      const minutes = Math.abs(other.time - reading.time) / 60_000;
      return Math.abs(other.value - reading.value) <= stepPerMinute * Math.max(1, minutes);
    });
    if (neighbours.length > 0 && !isReached) return false;
    let isSetAside = false;
    for (const { from, to, isSetAside: is } of said) {
      if (from <= reading.time && (to === null || reading.time < to)) isSetAside = is;
    }
    return !isSetAside;
  });
}
