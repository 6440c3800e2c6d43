import { TextCatalogue, type TextValues } from './catalogue.ts';
import { report as german } from './de/report.ts';
import { report } from './en/report.ts';
import { report as spanish } from './es/report.ts';
import { report as french } from './fr/report.ts';
import { report as polish } from './pl/report.ts';

/** Languages that reports are written in. */
export const REPORT_LANGUAGES = ['en', 'de', 'fr', 'es', 'pl'] as const;
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];

/** What names a text of reports. */
export type ReportTextKey = keyof typeof report;

const CATALOGUES: Readonly<Record<ReportLanguage, TextCatalogue<ReportTextKey>>> = {
  en: new TextCatalogue(report, 'en-GB'),
  de: new TextCatalogue(german, 'de-DE'),
  fr: new TextCatalogue(french, 'fr-FR'),
  es: new TextCatalogue(spanish, 'es-ES'),
  pl: new TextCatalogue(polish, 'pl-PL'),
};

/** A text of reports in words, ICU MessageFormat filled in. */
export function reportText(language: ReportLanguage, key: ReportTextKey, values: TextValues = {}): string {
  return CATALOGUES[language].say(key, values);
}
