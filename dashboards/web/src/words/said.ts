import type { GoodsTexts, Words } from '../../../../domain/index.ts';
import { goodsSpoken } from '../text/say.ts';
import { together, told } from './figures.ts';
import { withPlaces } from './place-names.ts';
import { withPrinted } from './printed.ts';
import { clock } from './when.ts';

/** A moment as the server writes it in its sentences: by RFC 3339, and as messages have it, `2026-11-30 06:24 UTC`. */
const MOMENT = /(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)Z| (\d\d:\d\d) UTC\b)/g;

/** `excursion 0191...: `: what an alert is kept under tells nobody on the dock anything. */
const ALERT_ID = /\b(?:excursion|Abweichung|desviación|odchylenie) [\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12} ?: /g;

/** The key of an alert or another record (RFC 9562): its end is enough to tell two apart. */
const KEY = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{8}([\da-f]{4})\b/g;

/** Sentences about how far something moved: 1 °C more is not 33.8 °F more. */
const OF_DIFFERENCES = /\bmoved by\b|°C\/(?:min|h)\b/;

/**
 * A sentence that the server wrote for its records, as people read it on the page: moments by the clock of the view, packs
 * and units as they are printed, places by their names, keys by their end, and temperatures also in °F for who
 * has chosen it. Not for a sentence that says how something is to be written: what it names is to be typed as it stands.
 *
 * @param zone of the view, as IANA names it; null is that of the computer
 */
export function saidText(sentence: string, zone: string | null): string {
  const plain = plainText(sentence, zone);
  return OF_DIFFERENCES.test(plain) ? together(plain) : told(plain);
}

/** The same without °F: of a sentence that has it already. */
export function plainText(sentence: string, zone: string | null): string {
  return withPlaces(byClock(withPrinted(sentence.replace(ALERT_ID, '')), zone).replace(KEY, '…$1'));
}

/** A sentence of the server with its moments by the clock of the view. */
export function byClock(sentence: string, zone: string | null): string {
  return sentence.replace(MOMENT, (_, day: string, time?: string, minute?: string) =>
    clock(Date.parse(`${day}T${time ?? minute ?? ''}Z`), zone),
  );
}

/** Why goods may not move on, in the language of the page, or in that of `texts`; a reason that was kept without words in English. */
export function reasonText(
  { reason, words }: { readonly reason: string; readonly words?: Words | undefined },
  zone: string | null,
  texts: GoodsTexts | null = goodsSpoken(),
): string {
  return saidText(texts?.reason(words) ?? reason, zone);
}

/** What was found of goods, as `expired`. */
export function findingText(finding: string): string {
  return goodsSpoken()?.finding(finding) ?? finding;
}
