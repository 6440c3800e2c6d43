import { say, type TextKey } from '../text/say.ts';

/** A figure and its unit stay on one line. */
const TOGETHER = '\u00a0';

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const upToOne = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });

/** `1,248` */
export function count(value: number): string {
  return whole.format(value);
}

/** What can be counted: each has a text with its plural. */
type Noun = TextKey extends infer Key ? (Key extends `count.${infer Name}` ? Name : never) : never;

/** `1 serial`, `1,248 serials` */
export function counted(value: number, noun: Noun): string {
  return say(`count.${noun}`, { count: value });
}

/** `5.1 °C`, with a true minus sign. */
export function degrees(value: number): string {
  return `${minus(one.format(value))}${TOGETHER}°C`;
}

/** A limit as it was written: `8 °C`, `7.5 °C`. */
export function limitText(value: number, unit = '°C'): string {
  return `${minus(upToOne.format(value))}${unit === '%' || unit === '°' || unit === '' ? '' : TOGETHER}${unit}`;
}

export function valueText(value: number, unit: string): string {
  if (unit === '') return value === 0 ? say('value.closed') : say('value.open');
  return `${minus(unit === '°C' ? one.format(value) : upToOne.format(value))}${TOGETHER}${unit}`;
}

function minus(text: string): string {
  return text.replace('-', '−');
}

/** The last digits tell units apart; the start is the company's, the same on all. `…1234567890` */
export function shortEpc(epc: string): string {
  const last = epc.split(':').at(-1) ?? epc;
  const parts = last.split('.');
  if (epc.includes(':sscc:')) return parts.at(-1) ?? last;
  return parts.slice(-2).join('.');
}
