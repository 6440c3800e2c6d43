import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IntlMessageFormat } from 'intl-messageformat';
import { expect, test } from 'vitest';
import { doorLight as lightGerman } from './de/door-light.ts';
import { goodsReason as goodsGerman } from './de/goods-reason.ts';
import { report as de } from './de/report.ts';
import { told as toldGerman } from './de/told.ts';
import { verdictReason as reasonGerman } from './de/verdict-reason.ts';
import { doorLight as lightEnglish } from './en/door-light.ts';
import { goodsReason as goodsEnglish } from './en/goods-reason.ts';
import { en } from './en/index.ts';
import { report as english } from './en/report.ts';
import { verdictReason as reasonEnglish } from './en/verdict-reason.ts';
import { doorLight as lightSpanish } from './es/door-light.ts';
import { goodsReason as goodsSpanish } from './es/goods-reason.ts';
import { report as es } from './es/report.ts';
import { told as toldSpanish } from './es/told.ts';
import { verdictReason as reasonSpanish } from './es/verdict-reason.ts';
import { doorLight as lightFrench } from './fr/door-light.ts';
import { goodsReason as goodsFrench } from './fr/goods-reason.ts';
import { report as fr } from './fr/report.ts';
import { told as toldFrench } from './fr/told.ts';
import { verdictReason as reasonFrench } from './fr/verdict-reason.ts';
import {
  hasServerText,
  MESSAGE_LANGUAGES,
  REPORT_LANGUAGES,
  type ReportLanguage,
  reportText,
  serverText,
} from './index.ts';
import { doorLight as lightPolish } from './pl/door-light.ts';
import { goodsReason as goodsPolish } from './pl/goods-reason.ts';
import { report as pl } from './pl/report.ts';
import { told as toldPolish } from './pl/told.ts';
import { verdictReason as reasonPolish } from './pl/verdict-reason.ts';

const HOUSE = fileURLToPath(new URL('../..', import.meta.url));
/** Rooms whose sentences for people all stand here. */
const ROOMS = [
  'rules/explanation',
  'rules/goods',
  'alerts',
  'trace/pass-rules',
  'trace/passes',
  'trace/door-manifests',
  'trace/goods',
  'trace/lookup',
  'quality',
  'dashboards/server',
  'app/validation',
  'gateways',
];

/** What of domain/ itself says sentences: a gateway says them too. */
const JUDGEMENTS = ['domain/pass-verdict.ts', 'domain/clearance.ts', 'domain/texts/goods-texts.ts'];

test('every text is ICU MessageFormat', () => {
  for (const [key, text] of Object.entries(en)) expect(() => new IntlMessageFormat(text, 'en-GB'), key).not.toThrow();
});

test.each(REPORT_LANGUAGES)('reports say all their texts in %s, each with the same placeholders', (language) => {
  const texts: Readonly<Record<string, string>> = { en: english, de, fr, es, pl }[language];
  expect(Object.keys(texts).sort()).toEqual(Object.keys(english).sort());
  for (const [key, text] of Object.entries(texts)) {
    expect(() => new IntlMessageFormat(text, language), key).not.toThrow();
    expect(placeholders(text), key).toEqual(placeholders(english[key as keyof typeof english]));
  }
});

test.each(REPORT_LANGUAGES)(
  'what is told of goods, alerts and rules is told in %s, each with the same placeholders',
  (language) => {
    const texts: Readonly<Record<string, string>> = { en, ...TOLD }[language] ?? {};
    for (const key of Object.keys(TOLD.de)) {
      const text = texts[key] ?? '';
      expect(argumentsIn(new IntlMessageFormat(text, language).getAst()), key).toEqual(
        argumentsIn(new IntlMessageFormat(en[key as keyof typeof en], 'en').getAst()),
      );
    }
    expect(Object.keys(TOLD[language === 'en' ? 'de' : language]).sort()).toEqual(Object.keys(TOLD.de).sort());
  },
);

test.each(MESSAGE_LANGUAGES)(
  'a light at a door, the verdict that it shows, and why goods may not move on, say all in %s, filled with the same',
  (language) => {
    const door: Readonly<Record<string, string>> = language === 'en' ? ENGLISH_DOOR : DOOR[language];
    expect(Object.keys(door).sort()).toEqual(Object.keys(ENGLISH_DOOR).sort());
    for (const [key, english] of Object.entries(ENGLISH_DOOR)) {
      const text = door[key] ?? '';
      expect(argumentsIn(new IntlMessageFormat(text, language).getAst()), key).toEqual(
        argumentsIn(new IntlMessageFormat(english, 'en').getAst()),
      );
      // Nothing is left as it was in English, but what is names and figures alone.
      const hasWords = /\p{L}/u.test(english.replaceAll(/\{\w+\}/g, ''));
      if (language !== 'en' && hasWords) expect(text, key).not.toBe(english);
    }
  },
);

test('a count is said as each language does', () => {
  const said = (language: ReportLanguage, count: number) =>
    reportText(language, 'report.case.group', { name: 'A', count });
  expect([1, 2, 5, 22].map((count) => said('pl', count))).toEqual([
    'Grupa A, 1 numer seryjny',
    'Grupa A, 2 numery seryjne',
    'Grupa A, 5 numerów seryjnych',
    'Grupa A, 22 numery seryjne',
  ]);
  expect([0, 1, 2].map((count) => said('fr', count))).toEqual([
    'Groupe A, 0 numéro de série',
    'Groupe A, 1 numéro de série',
    'Groupe A, 2 numéros de série',
  ]);
  expect(said('de', 10_000)).toBe('Gruppe A, 10.000 Seriennummern');
});

test('every text is used', () => {
  const judgements = JUDGEMENTS.map((file) => readFileSync(join(HOUSE, file), 'utf8'));
  const code = [...ROOMS.flatMap(sourcesIn), ...judgements].join('\n');
  const templates = [
    ...code.matchAll(
      /`((?:acknowledge|alert|case|explanation|found|goods|message|pass|problem|report|rule|summary)\.[^`]*)`/g,
    ),
  ].map(
    ([, template = '']) =>
      new RegExp(
        `^${template
          .split(/\$\{[^}]*\}/)
          .map((part) => part.replaceAll('.', '\\.'))
          .join('[^.]+')}$`,
      ),
  );
  const unused = Object.keys(en).filter(
    (key) => !code.includes(`'${key}'`) && !templates.some((template) => template.test(key)),
  );
  expect(unused).toEqual([]);
});

test('a text says one and many, first and third, as the language does', () => {
  expect(serverText('explanation.pass.blocked', { serials: 1 })).toBe(
    '1 serial in this pass that may not move on: an alert.',
  );
  const nth = (n: number) =>
    serverText('explanation.freezeThaw.opened', { value: '1 °C', limit: '0 °C', nth: n, window: '1 d' });
  expect([1, 2, 3, 4, 11, 12, 13, 21].map((n) => /the (\w+) within/.exec(nth(n))?.[1])).toEqual([
    '1st',
    '2nd',
    '3rd',
    '4th',
    '11th',
    '12th',
    '13th',
    '21st',
  ]);
});

test('what somebody named with braces stays as it is named', () => {
  expect(serverText('pass.expected', { shipment: 'SHP {x} <b>', alone: '' })).toBe('SHP {x} <b> expects it here');
});

test('the code of an error that has no title of its own is no text', () => {
  expect(hasServerText('problem.DEFECT')).toBe(true);
  expect(hasServerText('problem.constructor')).toBe(false);
  expect(hasServerText('constructor')).toBe(false);
});

const TOLD = { de: toldGerman, es: toldSpanish, fr: toldFrench, pl: toldPolish } as const;

const { 'door.differs': _, ...englishLight } = lightEnglish;
const ENGLISH_DOOR: Readonly<Record<string, string>> = { ...englishLight, ...reasonEnglish, ...goodsEnglish };
const DOOR = {
  de: { ...lightGerman, ...reasonGerman, ...goodsGerman },
  fr: { ...lightFrench, ...reasonFrench, ...goodsFrench },
  es: { ...lightSpanish, ...reasonSpanish, ...goodsSpanish },
  pl: { ...lightPolish, ...reasonPolish, ...goodsPolish },
} as const;

type Ast = ReturnType<IntlMessageFormat['getAst']>;

/** Names of what a text is filled with, also inside its choices. */
function argumentsIn(ast: Ast): string[] {
  const names = ast.flatMap((part): string[] => {
    const options = 'options' in part ? Object.values(part.options).flatMap(({ value }) => argumentsIn(value)) : [];
    return 'value' in part && part.type !== 0 && typeof part.value === 'string' ? [part.value, ...options] : options;
  });
  return [...new Set(names)].sort();
}

/** Names of what a text is filled with, each once. */
function placeholders(text: string): string[] {
  return [...new Set([...text.matchAll(/\{([a-zA-Z]+)[},]/g)].map(([, name = '']) => name))].sort();
}

function sourcesIn(room: string): string[] {
  return readdirSync(join(HOUSE, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}
