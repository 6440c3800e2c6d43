import type { PageLanguage } from '../page-settings.ts';
import { type GoodsReasonTexts, GoodsTexts } from './goods-texts.ts';

/** English is what is kept. */
const LOADED: Readonly<Record<Exclude<PageLanguage, 'en'>, () => Promise<GoodsReasonTexts>>> = {
  de: async () => (await import('./de/goods-reason.ts')).goodsReason,
  fr: async () => (await import('./fr/goods-reason.ts')).goodsReason,
  es: async () => (await import('./es/goods-reason.ts')).goodsReason,
  pl: async () => (await import('./pl/goods-reason.ts')).goodsReason,
};

/** Why goods may not move on, in one language that is loaded apart. */
export async function loadGoodsTexts(language: Exclude<PageLanguage, 'en'>): Promise<GoodsTexts> {
  return new GoodsTexts(await LOADED[language](), language);
}
