import { figureLocale, say, type TextKey } from '../text/say.ts';
import { shownDifference, shownValue, temperatureUnit } from './scale.ts';

/** A figure and its unit stay on one line. */
const TOGETHER = '\u00a0';
const CELSIUS = '°C';

type Form = (value: number) => string;

const whole = formOf({ maximumFractionDigits: 0 });
const one = formOf({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
const upToOne = formOf({ maximumFractionDigits: 1 });

/** Writes as the language that is spoken does: `5.1`, in German `5,1`. */
function formOf(options: Intl.NumberFormatOptions): Form {
  const kept = new Map<string, Intl.NumberFormat>();
  return (value) => {
    const locale = figureLocale();
    const form = kept.get(locale) ?? new Intl.NumberFormat(locale, options);
    kept.set(locale, form);
    return form.format(value);
  };
}

/** `1,248` */
export function count(value: number): string {
  return whole(value);
}

/** What can be counted: each has a text with its plural. */
type Noun = TextKey extends infer Key ? (Key extends `count.${infer Name}` ? Name : never) : never;

/** `1 serial`, `1,248 serials` */
export function counted(value: number, noun: Noun): string {
  return say(`count.${noun}`, { count: value });
}

/** A text that the server wrote, with each figure and its unit on one line. */
export function together(text: string): string {
  return text.replace(/(\d) (?=°[CF])/g, `$1${TOGETHER}`);
}

/** A figure in °C, or two with a word between: as the server writes them in each of its languages. */
const IN_CELSIUS =
  /([−-]?\d+(?:[.,]\d+)?)(?: (to|and|bis|und|à|et|a|y|do|i) ([−-]?\d+(?:[.,]\d+)?))?[ \u00a0]°C(?![\w/])/g;

/**
 * A sentence of the server for who reads °F: it stays as it was written, mailed and signed, and each temperature has the
 * other unit behind it, `Above 8 °C (46.4 °F)`. Of a sentence about differences nothing may be told so: 1 °C more is not
 * 33.8 °F more.
 *
 * @param most temperatures it begins with; what follows are differences
 */
export function told(text: string, most = Number.POSITIVE_INFINITY): string {
  if (temperatureUnit() === CELSIUS) return together(text);
  let left = most;
  const both = text.replace(IN_CELSIUS, (whole: string, low: string, word?: string, high?: string) => {
    if (left-- <= 0) return whole;
    const [one, other] = [low, high].map((figure) => (figure === undefined ? null : celsiusOf(figure)));
    if (one == null || word === undefined || other == null) return `${whole} (${limitText(one ?? 0)})`;
    return `${whole} (${bareLimit(one)} ${word} ${limitText(other)})`;
  });
  return together(both);
}

function celsiusOf(figure: string): number {
  return Number(figure.replace('−', '-').replace(',', '.'));
}

/** `5.1 °C` of degrees Celsius, with a true minus sign; in °F for who has chosen so (words/scale.ts). */
export function degrees(value: number): string {
  return valueText(value, CELSIUS);
}

/** A limit as it was written: `8 °C`, `7.5 °C`. */
export function limitText(value: number, unit = CELSIUS): string {
  return withUnit(upToOne, shownValue(value, unit));
}

/** A limit in °C without its unit, which stands behind another: the 2 of `2 to 8 °C`. */
export function bareLimit(value: number): string {
  return minus(upToOne(shownValue(value, CELSIUS).value));
}

export function valueText(value: number, unit: string): string {
  if (unit === '') return value === 0 ? say('value.closed') : say('value.open');
  return withUnit(unit === CELSIUS ? one : upToOne, shownValue(value, unit));
}

/** How far two values are apart: `1 °C`, `1.8 °F`. */
export function differenceText(value: number, unit: string): string {
  return withUnit(upToOne, shownDifference(value, unit));
}

/** Beside a line of a chart, whose unit is named once: `8°`, `40`. */
export function axisText(value: number, unit: string): string {
  return `${minus(upToOne(shownValue(value, unit).value))}${unit === CELSIUS ? '°' : ''}`;
}

function withUnit(form: Form, { value, unit }: { readonly value: number; readonly unit: string }): string {
  const isClose = unit === '%' || unit === '°' || unit === '';
  return `${minus(form(value))}${isClose ? '' : TOGETHER}${unit}`;
}

function minus(text: string): string {
  // Nothing is less than nothing: -0.04 is 0.0.
  return /^-0([.,]0*)?$/.test(text) ? text.slice(1) : text.replace('-', '−');
}

/** The last digits tell units apart; the start is the company's, the same on all. `…1234567890` */
export function shortEpc(epc: string): string {
  const last = epc.split(':').at(-1) ?? epc;
  const parts = last.split('.');
  if (epc.includes(':sscc:')) return parts.at(-1) ?? last;
  return parts.slice(-2).join('.');
}
