import { METRICS } from '../metric.ts';
import { TextCatalogue, type TextValues } from './catalogue.ts';
import { told as german } from './de/told.ts';
import { en } from './en/index.ts';
import type { ToldKey } from './en/told.ts';
import { told as spanish } from './es/told.ts';
import { told as french } from './fr/told.ts';
import { told as polish } from './pl/told.ts';
import { type ReportLanguage, reportText } from './report-text.ts';
import { sayWords, type Words } from './words.ts';

export type { ToldKey } from './en/told.ts';

const CATALOGUES: Readonly<Record<ReportLanguage, TextCatalogue<ToldKey>>> = {
  en: new TextCatalogue<ToldKey>(en, 'en-GB'),
  de: new TextCatalogue<ToldKey>(german, 'de-DE'),
  fr: new TextCatalogue<ToldKey>(french, 'fr-FR'),
  es: new TextCatalogue<ToldKey>(spanish, 'es-ES'),
  pl: new TextCatalogue<ToldKey>(polish, 'pl-PL'),
};

/** What is told of goods, alerts and rules, in the language of a report or message: with its decimal sign and names of metrics. */
export function toldText(language: ReportLanguage, key: ToldKey, values: TextValues = {}): string {
  const said = Object.entries(values).map(([name, value]) => [name, localValue(language, name, value)] as const);
  return CATALOGUES[language].say(key, Object.fromEntries(said));
}

/** Whether there is a text of this name that every language has. */
export function isToldKey(key: string): key is ToldKey {
  return Object.hasOwn(german, key);
}

/** Kept words in a language; null where this version does not know them: what was written in English stands then. */
export function toldWords(language: ReportLanguage, words: Words | undefined): string | null {
  if (words === undefined) return null;
  let isKnown = true;
  const text = sayWords(words, (key, values) => {
    if (isToldKey(key)) return toldText(language, key, values);
    isKnown = false;
    return '';
  });
  return isKnown ? text : null;
}

/** A figure with decimals, with or without its unit. */
const FIGURE = /^-?\d+\.\d+(?=$| )/;

function localValue(language: ReportLanguage, name: string, value: TextValues[string]): TextValues[string] {
  if (language === 'en') return value;
  if (name === 'metric' && typeof value === 'string') return metricIn(language, value);
  const text = String(value);
  return FIGURE.test(text) ? text.replace('.', ',') : value;
}

/** With a capital where it begins a sentence, and in German always. */
function metricIn(language: ReportLanguage, given: string): string {
  const plain = `${given.charAt(0).toLowerCase()}${given.slice(1)}`;
  const metric = METRICS.find(({ name }) => name === plain)?.name;
  if (metric === undefined || metric === 'latitude' || metric === 'longitude' || metric === 'accuracy') return given;
  const said = reportText(language, `report.metric.${metric}`);
  return language === 'de' || plain !== given ? said : `${said.charAt(0).toLowerCase()}${said.slice(1)}`;
}
