import { TextCatalogue } from '../../../../../domain/index.ts';
import { de } from './de.ts';
import { type DockTexts, en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { pl } from './pl.ts';

export type DockText = keyof DockTexts;

/** Each language by its own name, with its texts and the locale of its figures and times. */
export const DOCK_LANGUAGES = {
  en: { name: 'English', texts: new TextCatalogue<DockText>(en, 'en-GB'), locale: 'en-GB' },
  de: { name: 'Deutsch', texts: new TextCatalogue<DockText>(de, 'de'), locale: 'de' },
  fr: { name: 'Français', texts: new TextCatalogue<DockText>(fr, 'fr'), locale: 'fr' },
  es: { name: 'Español', texts: new TextCatalogue<DockText>(es, 'es'), locale: 'es' },
  pl: { name: 'Polski', texts: new TextCatalogue<DockText>(pl, 'pl'), locale: 'pl' },
} as const;

export type DockLanguage = keyof typeof DOCK_LANGUAGES;
