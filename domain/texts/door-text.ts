import { TextCatalogue, type TextValues } from './catalogue.ts';
import { doorLight as german } from './de/door-light.ts';
import { verdictReason as germanReason } from './de/verdict-reason.ts';
import { type DoorLightKey, doorLight as english } from './en/door-light.ts';
import { verdictReason as englishReason, type VerdictReasonKey } from './en/verdict-reason.ts';
import { doorLight as spanish } from './es/door-light.ts';
import { verdictReason as spanishReason } from './es/verdict-reason.ts';
import { doorLight as french } from './fr/door-light.ts';
import { verdictReason as frenchReason } from './fr/verdict-reason.ts';
import type { MessageLanguage } from './message-languages.ts';
import { doorLight as polish } from './pl/door-light.ts';
import { verdictReason as polishReason } from './pl/verdict-reason.ts';

export type { DoorLightTexts } from './en/door-light.ts';
export type { VerdictReasonKey } from './en/verdict-reason.ts';

/** What names a text of a light at a door, or of the verdict that it shows. */
export type DoorTextKey = DoorLightKey | VerdictReasonKey;

const CATALOGUES: Readonly<Record<MessageLanguage, TextCatalogue<DoorTextKey>>> = {
  en: new TextCatalogue<DoorTextKey>({ ...english, ...englishReason }, 'en-GB'),
  de: new TextCatalogue({ ...german, ...germanReason }, 'de'),
  fr: new TextCatalogue({ ...french, ...frenchReason }, 'fr'),
  es: new TextCatalogue({ ...spanish, ...spanishReason }, 'es'),
  pl: new TextCatalogue({ ...polish, ...polishReason }, 'pl'),
};

/** Why a light shows what it shows, in the language of the site. */
export function doorText(language: MessageLanguage, key: DoorTextKey, values: TextValues = {}): string {
  return CATALOGUES[language].say(key, values);
}
