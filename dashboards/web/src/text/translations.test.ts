import { IntlMessageFormat } from 'intl-messageformat';
import { expect, test } from 'vitest';
import { far as deFar } from './de/far.ts';
import { de } from './de/index.ts';
import { en } from './en/index.ts';
import { far as esFar } from './es/far.ts';
import { es } from './es/index.ts';
import { far as frFar } from './fr/far.ts';
import { fr } from './fr/index.ts';
import { far as plFar } from './pl/far.ts';
import { pl } from './pl/index.ts';
import { loadFarTexts, say, speak } from './say.ts';
import type { TextKey, Translation } from './translation.ts';

const LANGUAGES: Readonly<Record<string, Translation>> = {
  de: { ...de, ...deFar },
  es: { ...es, ...esFar },
  fr: { ...fr, ...frFar },
  pl: { ...pl, ...plFar },
};

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

/** The forms that each plural of a text has, at any depth. */
function pluralsIn(text: string, locale: string): string[][] {
  const found: string[][] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node === 'object' && node !== null) {
      if ('pluralType' in node && 'options' in node) found.push(Object.keys(node.options ?? {}));
      Object.values(node).forEach(visit);
    }
  };
  visit(new IntlMessageFormat(text, locale).getAst());
  return found;
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

test.each(Object.entries(LANGUAGES))(
  'records, labels, partners, markets and systems are there in %s, to the last word',
  (_, texts) => {
    const whole =
      /^((drafts|exceptions?|holds|labels|markets?|partners?|readiness|records?|retention|systems|shipment-markets)\.|receive\.|serial\.(label|noLabel|printLabel))/;
    // How an address, a key or a mapping is written is the same everywhere.
    const same = new Set([
      'partner.address.web',
      'partner.address.sftp',
      'partner.key.pem.begin',
      'systems.mapping.example',
    ]);
    const missing = Object.keys(en).filter((key) => whole.test(key) && !same.has(key) && !Object.hasOwn(texts, key));
    expect(missing).toEqual([]);
  },
);

// A text that needs no inflection has =0 and other alone.
test.each(Object.entries(LANGUAGES))('every plural in %s has the forms that its language has', (locale, texts) => {
  const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories.filter((form) => form !== 'other');
  // Millions alone are said with it in French and Spanish; nothing here comes to a million.
  const needed = locale === 'pl' ? forms : forms.filter((form) => form !== 'many');
  const lacking = Object.entries(texts).filter(([, text]) =>
    pluralsIn(text, locale).some(
      (options) => needed.some((form) => options.includes(form)) && !needed.every((form) => options.includes(form)),
    ),
  );
  expect(lacking.map(([key]) => key)).toEqual([]);
});

test('texts of partners come with the first screen that asks for them, in the language that is spoken', async () => {
  await speak('de');
  expect(say('practice.title')).toBe('Übung');
  await loadFarTexts();
  expect(say('partners.add')).toBe('Partner hinzufügen');
  await speak('pl');
  expect(say('partners.add')).toBe('Dodaj partnera');
  await speak('en');
});

test.each(Object.entries(LANGUAGES))('a colleague practises in %s, to the last word', (_, texts) => {
  const missing = Object.keys(en).filter((key) => key.startsWith('practice.') && !Object.hasOwn(texts, key));
  expect(missing).toEqual([]);
});

// A step that says “Settle” where the button says something else sends who practises looking for it.
test.each(Object.entries({ en, ...LANGUAGES }))(
  'what a job of practice quotes stands on the page in %s',
  (_, texts) => {
    const shown = new Set<string>(Object.values({ ...en, ...texts }));
    const quoted = Object.entries(texts)
      .filter(([key]) => key.startsWith('practice.steps.') || key === 'practice.entry.bad.next')
      .flatMap(([, text]) => [...text.matchAll(/[“„«]\s?([^”“»]+?)\s?[”“»]/g)].map(([, name = '']) => name));
    expect(quoted.length).toBeGreaterThan(10);
    expect(quoted.filter((name) => !shown.has(name))).toEqual([]);
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
