import { TextCatalogue, type TextValues } from './catalogue.ts';
import { en } from './en/index.ts';
import { sayWords, type Words } from './words.ts';

export { TextCatalogue, type TextValues } from './catalogue.ts';
export { type DoorLightTexts, type DoorTextKey, doorText, type VerdictReasonKey } from './door-text.ts';
export { goodsTexts } from './goods-text.ts';
export { type GoodsReasonKey, type GoodsReasonTexts, GoodsTexts } from './goods-texts.ts';
export { loadGoodsTexts } from './load-goods-texts.ts';
export {
  hasMessageText,
  MESSAGE_LANGUAGES,
  type MessageLanguage,
  type MessageTextKey,
  messageText,
} from './message-languages.ts';
export { REPORT_LANGUAGES, type ReportLanguage, type ReportTextKey, reportText } from './report-text.ts';
export { isToldKey, type ToldKey, toldText, toldWords } from './told.ts';
export { sayWords, type Words, type WordValue } from './words.ts';

/** What names a text that the server makes. */
export type ServerTextKey = keyof typeof en;

const english = new TextCatalogue(en, 'en-GB');

/** A text of the server's in words, ICU MessageFormat filled in. English, the one language as yet. */
export function serverText(key: ServerTextKey, values: TextValues = {}): string {
  return english.say(key, values);
}

/** Kept words in English; a key of another version says itself. */
export function serverWords(words: Words): string {
  return sayWords(words, (key, values) => (hasServerText(key) ? serverText(key, values) : key));
}

/** Whether there is a text of this name: of keys made up of data, such as the code of an error. */
export function hasServerText(key: string): key is ServerTextKey {
  return Object.hasOwn(en, key);
}
