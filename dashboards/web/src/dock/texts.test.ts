import { readdirSync, readFileSync } from 'node:fs';
import { IntlMessageFormat } from 'intl-messageformat';
import { expect, test } from 'vitest';
import { de } from '../text/dock/de.ts';
import { en } from '../text/dock/en.ts';
import { es } from '../text/dock/es.ts';
import { fr } from '../text/dock/fr.ts';
import { DOCK_LANGUAGES } from '../text/dock/index.ts';
import { pl } from '../text/dock/pl.ts';

const LANGUAGES = { en, de, fr, es, pl };

test('every text of the dock is ICU MessageFormat and takes what the English one takes', () => {
  for (const [language, texts] of Object.entries(LANGUAGES))
    for (const [key, text] of Object.entries(texts)) {
      const ask = () => new IntlMessageFormat(text, language).getAst();
      expect(ask, `${language} ${key}`).not.toThrow();
      const given = (one: string) => [...new Set(one.match(/\{(\w+)[,}]/g))].toSorted();
      expect(given(text), `${language} ${key}`).toEqual(given(en[key as keyof typeof en]));
    }
});

test('one and many are said as each language does', () => {
  const said = (language: keyof typeof LANGUAGES, count: number) =>
    DOCK_LANGUAGES[language].texts.say('aside.open', { count });
  expect([1, 2, 5, 22].map((count) => said('pl', count))).toEqual([
    '1 paleta niewyjaśniona',
    '2 palety niewyjaśnione',
    '5 palet niewyjaśnionych',
    '22 palety niewyjaśnione',
  ]);
  expect(said('de', 1)).toBe('1 Palette ist nicht geklärt');
});

test('every text of the dock is used', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => !file.endsWith('.test.ts') && /\.tsx?$/.test(file));
  const code = files.map((file) => readFileSync(`${import.meta.dirname}/${file}`, 'utf8')).join('\n');
  const states = ['ready', 'reading', 'pass', 'check', 'stop', 'settled'];
  const unused = Object.keys(en).filter(
    (key) =>
      !code.includes(`'${key}'`) &&
      !states.includes(key) &&
      !/^(scan\.(missing|tooMany|ok|other)|camera\.(insecure|denied|none|broken))$/.test(key),
  );
  expect(unused).toEqual([]);
});
