import { TextCatalogue, type TextValues } from './catalogue.ts';
import { report } from './en/report.ts';

/** Languages that reports are written in. */
export const REPORT_LANGUAGES = ['en'] as const;
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];

/** What names a text of reports. */
export type ReportTextKey = keyof typeof report;

const CATALOGUES: Readonly<Record<ReportLanguage, TextCatalogue<ReportTextKey>>> = {
  en: new TextCatalogue(report, 'en-GB'),
};

/** A text of reports in words, ICU MessageFormat filled in. */
export function reportText(language: ReportLanguage, key: ReportTextKey, values: TextValues = {}): string {
  return CATALOGUES[language].say(key, values);
}
