import type { KeyQuality } from '../../domain/index.ts';
import { grown, larger } from './series.ts';

/** Columns of a class, side by side. */
const LOW = 0;
const HIGH = 1;
const STEP = 2;
const COLUMNS = 3;
/** The class of keys of which no reading is plain; also where there are more classes than a column can name. */
const NEVER_PLAIN = 0;
const MOST_CLASSES = 65_535;
/** Values on either side of it bound what is plain: room temperature, far from every error code. */
const MIDDLE = 20;
/** The smallest double above saturation: humidity up to 100 is plain. */
const ABOVE_SATURATION = 100 + 2 ** -46;
const HUMIDITY = 2;

/**
 * The quality of each key's readings, and the fast way to see that a reading is good: most are, by far from every error
 * code, no step from the one before, nothing to correct and nothing set aside. Keys whose readings are plain within the
 * same bounds share them as a class: two bytes a key, where bounds of its own would take 24.
 */
export class Qualities {
  readonly #qualities: KeyQuality[] = [];
  #classOf = new Uint16Array(64);
  #columns = new Float64Array(16 * COLUMNS).fill(Number.NaN);
  readonly #classes = new Map<string, number>();

  of(key: number): KeyQuality {
    return this.#qualities[key] as KeyQuality;
  }

  set(key: number, quality: KeyQuality): void {
    this.#qualities[key] = quality;
    if (key >= this.#classOf.length) {
      this.#classOf = grown(this.#classOf, new Uint16Array(Math.max(key + 1, larger(this.#classOf.length))));
    }
    const { metric, measures, setAside } = quality;
    const { codes, correction, stepPerMinute } = measures[0];
    if (measures.length > 1 || correction.length > 0 || setAside.length > 0) {
      this.#classOf[key] = NEVER_PLAIN;
      return;
    }
    const low = Math.max(
      ...codes.filter((code) => code <= MIDDLE).map((code) => code + 0.01),
      Number.NEGATIVE_INFINITY,
    );
    const high = Math.min(
      metric === HUMIDITY ? ABOVE_SATURATION : Number.POSITIVE_INFINITY,
      ...codes.filter((code) => code > MIDDLE).map((code) => code - 0.01),
    );
    this.#classOf[key] = this.#classFor(low, high, stepPerMinute);
  }

  /** Whether a reading newer than all others is good and leaves the others as they are. @param last NaN where it is the first */
  isPlain(key: number, value: number, last: number): boolean {
    const at = (this.#classOf[key] as number) * COLUMNS;
    const columns = this.#columns;
    if (!(value > (columns[at + LOW] as number) && value < (columns[at + HIGH] as number))) return false;
    const step = value - last;
    const most = columns[at + STEP] as number;
    // A first reading has no step: NaN compares with nothing.
    return !(step > most || step < -most);
  }

  #classFor(low: number, high: number, step: number): number {
    const name = `${low} ${high} ${step}`;
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    const added = this.#classes.size + 1;
    if (added > MOST_CLASSES) return NEVER_PLAIN;
    if ((added + 1) * COLUMNS > this.#columns.length) {
      this.#columns = grown(this.#columns, new Float64Array(2 * this.#columns.length));
    }
    this.#columns.set([low, high, step], added * COLUMNS);
    this.#classes.set(name, added);
    return added;
  }
}
