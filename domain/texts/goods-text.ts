import type { PageLanguage } from '../page-settings.ts';
import { TextCatalogue, type TextValues } from './catalogue.ts';
import { goodsReason as german } from './de/goods-reason.ts';
import { goodsReason as english, type GoodsReasonKey } from './en/goods-reason.ts';
import { goodsReason as spanish } from './es/goods-reason.ts';
import { goodsReason as french } from './fr/goods-reason.ts';
import { goodsReason as polish } from './pl/goods-reason.ts';
import type { Words } from './words.ts';

export type { GoodsReasonKey, GoodsReasonTexts } from './en/goods-reason.ts';

const CATALOGUES: Readonly<Record<PageLanguage, TextCatalogue<GoodsReasonKey>>> = {
  en: new TextCatalogue<GoodsReasonKey>(english, 'en-GB'),
  de: new TextCatalogue(german, 'de'),
  fr: new TextCatalogue(french, 'fr'),
  es: new TextCatalogue(spanish, 'es'),
  pl: new TextCatalogue(polish, 'pl'),
};

/** Why goods may not move on, in a language. */
export function goodsText(language: PageLanguage, key: GoodsReasonKey, values: TextValues = {}): string {
  return CATALOGUES[language].say(key, values);
}

/** A kept reason in a language; null where it was kept without words, or with those of another version: its sentence stands then. */
export function goodsWords(language: PageLanguage, words: Words | undefined): string | null {
  if (words === undefined || !isGoodsKey(words.key)) return null;
  const values: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(words.values)) {
    // No reason here is made of others.
    if (typeof value === 'object') return null;
    values[name] = value;
  }
  return goodsText(language, words.key, values);
}

/** What was found of goods, in a word or two. @param finding as the API names it: `expiry unreadable` */
export function findingName(language: PageLanguage, finding: string): string {
  return goodsText(language, 'goods.finding', { finding: finding.replaceAll(' ', '_'), name: finding });
}

function isGoodsKey(key: string): key is GoodsReasonKey {
  return Object.hasOwn(english, key);
}
