import { IntlMessageFormat } from 'intl-messageformat';
import { expect, test } from 'vitest';
import { de } from './de/index.ts';
import { en } from './en/index.ts';
import { es } from './es/index.ts';
import { fr } from './fr/index.ts';
import { pl } from './pl/index.ts';
import { loadFarTexts, say, speak } from './say.ts';
import type { TextKey, Translation } from './translation.ts';

const LANGUAGES: Readonly<Record<string, Translation>> = { de, es, fr, pl };

/** Names of what is filled in, at any depth. */
function placeholders(text: string, locale: string): string[] {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node === 'object' && node !== null) {
      if ('type' in node && 'value' in node && typeof node.value === 'string' && node.type !== 0) names.add(node.value);
      Object.values(node).forEach(visit);
    }
  };
  visit(new IntlMessageFormat(text, locale).getAst());
  return [...names].sort();
}

test.each(Object.entries(LANGUAGES))('%s fills in nothing that English does not', (locale, texts) => {
  const strange = Object.entries(texts).flatMap(([key, text]) => {
    const known = placeholders(en[key as TextKey], 'en');
    return placeholders(text, locale).filter((name) => !known.includes(name));
  });
  expect(strange).toEqual([]);
});

test.each(Object.entries(LANGUAGES))('sign-in, menu and inbox are there in %s', (_locale, texts) => {
  const whole = /^(sign-in\.|inbox\.|frame\.(shipments|cases|alerts|portals|loggers|rules|verify|help|signOut)$)/;
  const same = new Set(['sign-in.isotherm', 'inbox.refused.now']);
  const missing = Object.keys(en).filter((key) => whole.test(key) && !same.has(key) && !Object.hasOwn(texts, key));
  expect(missing).toEqual([]);
});

// A German customer read "How it fares" over a German state.
test.each(Object.entries(LANGUAGES))('what a customer reads by a link is there in %s, to the last word', (_, texts) => {
  const whole =
    /^(shared\.|shipment\.state\.|profile\.|when\.|parts\.(about\.|corrected|inRange|outOf|excursion|notKnown))/;
  const missing = Object.keys(en).filter((key) => whole.test(key) && !Object.hasOwn(texts, key));
  expect(missing).toEqual([]);
});

test.each(Object.entries(LANGUAGES))('what a partner reads and answers by a link is there in %s', (_, texts) => {
  const whole =
    /^(answer\.|exception\.(kind|answer|say)\.|exception\.(epcs|pack|thread|said|file)$|exceptions\.(kind|due|late|shipment)$)/;
  const ours = new Set(['exception.say.do']);
  const missing = Object.keys(en).filter((key) => whole.test(key) && !ours.has(key) && !Object.hasOwn(texts, key));
  expect(missing).toEqual([]);
});

test.each(Object.entries(LANGUAGES))(
  'packs are checked, returned, decommissioned and recalled in %s, to the last word',
  (_, texts) => {
    const whole = /^(verify|return|decommission|recall)\./;
    const missing = Object.keys(en).filter((key) => whole.test(key) && !Object.hasOwn(texts, key));
    expect(missing).toEqual([]);
  },
);

test('what a language lacks is said in English words, never by its key', async () => {
  await loadFarTexts();
  await speak('pl');
  expect(say('frame.alerts')).toBe('Alarmy');
  expect(Object.hasOwn(pl, 'settings.density')).toBe(false);
  expect(say('settings.density')).toBe(en['settings.density']);
  await speak('en');
  expect(say('frame.alerts')).toBe('Alerts');
});
