import { TextCatalogue, type TextValues } from './catalogue.ts';
import { message as german } from './de/message.ts';
import { message as english, type MessageTexts } from './en/message.ts';
import { message as spanish } from './es/message.ts';
import { message as french } from './fr/message.ts';
import { message as polish } from './pl/message.ts';

/** Languages that messages about alerts are written in (BCP 47). */
export const MESSAGE_LANGUAGES = ['en', 'de', 'fr', 'es', 'pl'] as const;
export type MessageLanguage = (typeof MESSAGE_LANGUAGES)[number];
export type MessageTextKey = keyof MessageTexts;

const CATALOGUES: Readonly<Record<MessageLanguage, TextCatalogue<MessageTextKey>>> = {
  en: new TextCatalogue<MessageTextKey>(english, 'en-GB'),
  de: new TextCatalogue<MessageTextKey>(german, 'de'),
  fr: new TextCatalogue<MessageTextKey>(french, 'fr'),
  es: new TextCatalogue<MessageTextKey>(spanish, 'es'),
  pl: new TextCatalogue<MessageTextKey>(polish, 'pl'),
};

/** A text of a message in a language, ICU MessageFormat filled in. */
export function messageText(language: MessageLanguage, key: MessageTextKey, values: TextValues = {}): string {
  return CATALOGUES[language].say(key, values);
}

/** Whether there is a text of this name: of keys made up of data, such as the kind of a rule. */
export function hasMessageText(key: string): key is MessageTextKey {
  return Object.hasOwn(german, key);
}
