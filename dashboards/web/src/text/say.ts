import {
  type GoodsTexts,
  loadGoodsTexts,
  type PageLanguage,
  TextCatalogue,
  type TextValues,
} from '../../../../domain/index.ts';
import { near } from './en/near.ts';
import type { TextKey, Translation } from './translation.ts';

export type { TextKey };

/** Of figures and times, and of plurals. */
const ENGLISH = 'en-GB';
const english: { now: TextCatalogue<string>; has: ReadonlySet<string>; rest: Promise<void> | null } = {
  now: new TextCatalogue(near, ENGLISH),
  has: new Set(Object.keys(near)),
  rest: null,
};

/** Whether there is a text of this name: of what a form takes from the server. */
export function hasText(key: string): key is TextKey {
  return english.has.has(key);
}

/** Loads the texts that are not there from the start, in English and in what is spoken; when one did not come, the next call asks again. */
export async function loadFarTexts(): Promise<void> {
  await Promise.all([loadFarEnglish(), speakFar()]);
}

function loadFarEnglish(): Promise<void> {
  english.rest ??= import('./en/far.ts').then(
    ({ far }) => {
      const en = { ...near, ...far };
      english.now = new TextCatalogue(en, ENGLISH);
      english.has = new Set(Object.keys(en));
    },
    (error: unknown) => {
      english.rest = null;
      throw error;
    },
  );
  return english.rest;
}

/** What loads a screen, its words with it. */
export function withFarTexts<T>(load: () => Promise<T>): () => Promise<T> {
  return async () => (await Promise.all([load(), loadFarTexts()]))[0];
}

type Loaded = Exclude<PageLanguage, 'en'>;
type Load = () => Promise<Translation>;

interface Spoken {
  readonly language: Loaded;
  readonly locale: string;
  readonly translation: Translation;
  readonly texts: TextCatalogue<string>;
  readonly goods: GoodsTexts;
  readonly hasFar: boolean;
}

/** What the page is written in now; English beneath, for what a language lacks. */
const spoken: { now: Spoken | null } = { now: null };

const LOADED: Readonly<Record<Loaded, { locale: string; near: Load; far: Load }>> = {
  de: {
    locale: 'de',
    near: async () => (await import('./de/index.ts')).de,
    far: async () => (await import('./de/far.ts')).far,
  },
  fr: {
    locale: 'fr',
    near: async () => (await import('./fr/index.ts')).fr,
    far: async () => (await import('./fr/far.ts')).far,
  },
  es: {
    locale: 'es',
    near: async () => (await import('./es/index.ts')).es,
    far: async () => (await import('./es/far.ts')).far,
  },
  pl: {
    locale: 'pl',
    near: async () => (await import('./pl/index.ts')).pl,
    far: async () => (await import('./pl/far.ts')).far,
  },
};

function spokenOf(language: Loaded, translation: Translation, goods: GoodsTexts, hasFar: boolean): Spoken {
  const { locale } = LOADED[language];
  return { language, locale, translation, texts: new TextCatalogue<string>({ ...translation }, locale), goods, hasFar };
}

export function language(): PageLanguage {
  return spoken.now?.language ?? 'en';
}

/** Why goods may not move on, in the words of what is spoken; null: English, as it is kept. */
export function goodsSpoken(): GoodsTexts | null {
  return spoken.now?.goods ?? null;
}

/** Of figures and times that stand among these words, BCP 47. */
export function figureLocale(): string {
  return spoken.now === null ? ENGLISH : spoken.now.locale;
}

/** Changes the language of what is said from here on; its texts load when they are first asked for. A file that does not come leaves English. */
export async function speak(wanted: PageLanguage): Promise<void> {
  if (wanted === language()) return;
  if (wanted === 'en') {
    spoken.now = null;
    return;
  }
  const { near: load, far } = LOADED[wanted];
  // Where a screen with far texts was opened, they are there in every language.
  const hasFar = english.rest !== null;
  try {
    const [first, goods, more] = await Promise.all([load(), loadGoodsTexts(wanted), hasFar ? far() : {}]);
    spoken.now = spokenOf(wanted, { ...first, ...more }, goods, hasFar);
  } catch (error) {
    // The server is away: English is there, and the next time it is asked for again.
    console.warn('the texts of a language were not loaded', wanted, error);
  }
  // A screen with far texts may have been opened meanwhile.
  if (!hasFar && english.rest !== null) await speakFar();
}

/** The rest of what is spoken; English stands for it until it has come. */
async function speakFar(): Promise<void> {
  const { now } = spoken;
  if (now === null || now.hasFar) return;
  const { language: one, translation, goods } = now;
  try {
    const more = await LOADED[one].far();
    // Another language may be spoken by now.
    if (spoken.now === now) spoken.now = spokenOf(one, { ...translation, ...more }, goods, true);
  } catch (error) {
    console.warn('the rest of the texts of a language was not loaded', one, error);
  }
}

/**
 * A text of the page in words, ICU MessageFormat filled in.
 *
 * @param values of its placeholders
 */
export function say(key: TextKey, values: TextValues = {}): string {
  const { now } = spoken;
  return now !== null && Object.hasOwn(now.translation, key)
    ? now.texts.say(key, values)
    : english.now.say(key, values);
}

/**
 * Texts by what they stand for, each said when it is read: a table at the top of a file follows the language that is spoken.
 */
export function wordsOf<Name extends string>(keys: Readonly<Record<Name, TextKey>>): Readonly<Record<Name, string>> {
  const words = { ...keys } as Readonly<Record<Name, string>>;
  for (const [name, key] of Object.entries<TextKey>(keys))
    Object.defineProperty(words, name, { enumerable: true, get: () => say(key) });
  return words;
}

/** The same with parts that are no text: they come back in their places among the words. */
export function richly<T>(key: TextKey, values: Readonly<Record<string, T>>): (string | T)[] {
  const { now } = spoken;
  return now !== null && Object.hasOwn(now.translation, key)
    ? now.texts.richly(key, values)
    : english.now.richly(key, values);
}
