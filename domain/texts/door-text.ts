import { TextCatalogue, type TextValues } from './catalogue.ts';
import { doorLight as german } from './de/door-light.ts';
import { type DoorTextKey, doorLight as english } from './en/door-light.ts';
import { doorLight as spanish } from './es/door-light.ts';
import { doorLight as french } from './fr/door-light.ts';
import type { MessageLanguage } from './message-languages.ts';
import { doorLight as polish } from './pl/door-light.ts';

export type { DoorLightTexts, DoorTextKey } from './en/door-light.ts';

const CATALOGUES: Readonly<Record<MessageLanguage, TextCatalogue<DoorTextKey>>> = {
  en: new TextCatalogue<DoorTextKey>(english, 'en-GB'),
  de: new TextCatalogue(german, 'de'),
  fr: new TextCatalogue(french, 'fr'),
  es: new TextCatalogue(spanish, 'es'),
  pl: new TextCatalogue(polish, 'pl'),
};

/** Why a light shows what it shows, in the language of the site. */
export function doorText(language: MessageLanguage, key: DoorTextKey, values: TextValues = {}): string {
  return CATALOGUES[language].say(key, values);
}
