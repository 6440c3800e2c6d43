import {
  type ReportLanguage,
  type ReportTextKey,
  reportText,
  type TextValues,
  type ToldKey,
  toldText,
  toldWords,
  type Words,
  type WordValue,
} from '../../../domain/index.ts';

export const TEMPERATURE_UNITS = ['C', 'F'] as const;
export type TemperatureUnit = (typeof TEMPERATURE_UNITS)[number];

/** How a report writes words, times and values: in the language, zone and unit of who asked for it. */
export class Formats {
  readonly language: ReportLanguage;
  readonly zone: string;
  readonly #unit: TemperatureUnit;
  readonly #parts: Intl.DateTimeFormat;

  constructor({
    language,
    zone,
    unit,
  }: {
    readonly language: ReportLanguage;
    readonly zone: string;
    readonly unit: TemperatureUnit;
  }) {
    this.language = language;
    this.zone = zone;
    this.#unit = unit;
    this.#parts = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: zone, hourCycle: 'h23', timeZoneName: 'longOffset' },
      ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    });
  }

  /** A text of reports, its placeholders filled in. */
  say(key: ReportTextKey, values: TextValues = {}): string {
    return reportText(this.language, key, values);
  }

  /** Kept words in the language and unit of the report; null where they are not known: what was written stands then. */
  words(words: Words | undefined): string | null {
    return toldWords(this.language, words && this.#inUnit(words));
  }

  /** A text of rules, alerts and goods. */
  told(key: ToldKey, values: TextValues = {}): string {
    return toldText(this.language, key, values);
  }

  /** Temperatures that are said with their unit; a step of so many degrees is none. */
  #inUnit({ key, values }: Words): Words {
    const isTemperature = this.#unit === 'F' && values.unit === '°C' && key !== 'summary.rate';
    const shown = Object.entries(values).map(([name, value]): [string, WordValue] => {
      if (typeof value === 'object')
        return [name, 'key' in value ? this.#inUnit(value) : value.map((one) => this.#inUnit(one))];
      if (!isTemperature) return [name, value];
      if (name === 'unit') return [name, this.unit('°C')];
      const celsius = TEMPERATURES.has(name) ? Number(value) : Number.NaN;
      return [name, Number.isNaN(celsius) ? value : Math.round(this.shown(celsius, '°C') * 10) / 10];
    });
    return { key, values: Object.fromEntries(shown) };
  }

  /** `2026-11-29 08:45:12 +01:00`; null is a dash. */
  time(at: number | null): string {
    if (at === null) return NOTHING;
    const { date, hour, minute, second, offset } = this.#partsOf(at);
    return `${date} ${hour}:${minute}:${second} ${offset}`;
  }

  /** To the minute, without its offset: where the zone is said beside it. */
  minute(at: number | null): string {
    if (at === null) return NOTHING;
    const { date, hour, minute } = this.#partsOf(at);
    return `${date} ${hour}:${minute}`;
  }

  /** ms that this zone's clock is ahead of UTC. */
  offsetMs(at: number): number {
    const { offset } = this.#partsOf(at);
    const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d{2}):(\d{2})$/.exec(offset) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  }

  /** A value of a metric in the unit it is shown in. @param unit of the metric, as it is kept */
  shown(value: number, unit: string): number {
    return unit === '°C' && this.#unit === 'F' ? (value * 9) / 5 + 32 : value;
  }

  unit(unit: string): string {
    return unit === '°C' && this.#unit === 'F' ? '°F' : unit;
  }

  /** To three decimals at most: a value must not be rounded across a limit. */
  value(value: number | null, unit: string, withUnit = false): string {
    if (value === null) return NOTHING;
    const digits = this.figure(this.shown(value, unit), 3);
    return withUnit ? `${digits} ${this.unit(unit)}` : digits;
  }

  minutes(minutes: number | null): string {
    return minutes === null ? NOTHING : this.say('report.minutes', { minutes: this.figure(minutes, 1) });
  }

  /** With one decimal at least and so many at most, behind the language's own sign. */
  figure(value: number, most: number): string {
    const text = value.toFixed(most).replace(/(\.\d)(\d*?)0+$/, '$1$2');
    const digits = text.startsWith('-') && Number(text) === 0 ? text.slice(1) : text;
    return this.language === 'en' ? digits : digits.replace('.', ',');
  }

  #partsOf(at: number) {
    const found = new Map(this.#parts.formatToParts(at).map(({ type, value }) => [type, value]));
    const of = (type: Intl.DateTimeFormatPartTypes) => found.get(type) ?? '';
    const name = of('timeZoneName').replace('GMT', '');
    return {
      ...{ date: `${of('year')}-${of('month')}-${of('day')}`, hour: of('hour'), minute: of('minute') },
      ...{ second: of('second'), offset: name === '' ? '+00:00' : name.slice(0, 6) },
    };
  }
}

/** Names of temperatures in words. */
const TEMPERATURES: ReadonlySet<string> = new Set(['min', 'max', 'mkt', 'limit', 'extreme']);

/** Where there is nothing to say. */
export const NOTHING = '–';
