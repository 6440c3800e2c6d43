import type { KeyQuality } from '../../domain/index.ts';
import { grown, larger } from './series.ts';

/** Columns of a key, side by side. */
const LOW = 0;
const HIGH = 1;
const STEP = 2;
const COLUMNS = 3;
/** Values on either side of it bound what is plain: room temperature, far from every error code. */
const MIDDLE = 20;
/** The smallest double above saturation: humidity up to 100 is plain. */
const ABOVE_SATURATION = 100 + 2 ** -46;
const HUMIDITY = 2;

/**
 * The quality of each key's readings, and the fast way to see that a reading is good: most are, by far from every error
 * code, no step from the one before, nothing to correct and nothing set aside.
 */
export class Qualities {
  readonly #qualities: KeyQuality[] = [];
  #columns = new Float64Array(64 * COLUMNS);

  of(key: number): KeyQuality {
    return this.#qualities[key] as KeyQuality;
  }

  set(key: number, quality: KeyQuality): void {
    this.#qualities[key] = quality;
    if ((key + 1) * COLUMNS > this.#columns.length) {
      this.#columns = grown(
        this.#columns,
        new Float64Array(Math.max(key + 1, larger(this.#columns.length / COLUMNS)) * COLUMNS),
      );
    }
    const at = key * COLUMNS;
    const { metric, codes, correction, setAside, stepPerMinute } = quality;
    const mayBePlain = correction === 0 && setAside.length === 0;
    const high = Math.min(
      metric === HUMIDITY ? ABOVE_SATURATION : Number.POSITIVE_INFINITY,
      ...codes.filter((code) => code > MIDDLE).map((code) => code - 0.01),
    );
    this.#columns[at + LOW] = mayBePlain
      ? Math.max(...codes.filter((code) => code <= MIDDLE).map((code) => code + 0.01), Number.NEGATIVE_INFINITY)
      : Number.NaN;
    this.#columns[at + HIGH] = high;
    this.#columns[at + STEP] = stepPerMinute;
  }

  /** Whether a reading newer than all others is good and leaves the others as they are. @param last NaN where it is the first */
  isPlain(key: number, value: number, last: number): boolean {
    const at = key * COLUMNS;
    const columns = this.#columns;
    if (!(value > (columns[at + LOW] as number) && value < (columns[at + HIGH] as number))) return false;
    const step = value - last;
    const most = columns[at + STEP] as number;
    // A first reading has no step: NaN compares with nothing.
    return !(step > most || step < -most);
  }
}
