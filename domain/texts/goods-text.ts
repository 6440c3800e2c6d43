import type { PageLanguage } from '../page-settings.ts';
import { goodsReason as german } from './de/goods-reason.ts';
import { goodsReason as english } from './en/goods-reason.ts';
import { goodsReason as spanish } from './es/goods-reason.ts';
import { goodsReason as french } from './fr/goods-reason.ts';
import { GoodsTexts } from './goods-texts.ts';
import { goodsReason as polish } from './pl/goods-reason.ts';

const TEXTS: Readonly<Record<PageLanguage, GoodsTexts>> = {
  en: new GoodsTexts(english, 'en-GB'),
  de: new GoodsTexts(german, 'de'),
  fr: new GoodsTexts(french, 'fr'),
  es: new GoodsTexts(spanish, 'es'),
  pl: new GoodsTexts(polish, 'pl'),
};

/** Why goods may not move on, in every language: at a door, whose screen changes its language while the network is away. */
export function goodsTexts(language: PageLanguage): GoodsTexts {
  return TEXTS[language];
}
