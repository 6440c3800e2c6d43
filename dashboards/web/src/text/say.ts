import { type PageLanguage, TextCatalogue, type TextValues } from '../../../../domain/index.ts';
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

/** Loads the English texts that are not there from the start; when it did not come, the next call asks again. */
export function loadFarTexts(): Promise<void> {
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

interface Spoken {
  readonly language: PageLanguage;
  readonly locale: string;
  readonly texts: TextCatalogue<string>;
  readonly has: (key: TextKey) => boolean;
}

/** What the page is written in now; English beneath, for what a language lacks. */
const spoken: { now: Spoken | null } = { now: null };

const LOADED: Readonly<Record<Exclude<PageLanguage, 'en'>, { locale: string; load: () => Promise<Translation> }>> = {
  de: { locale: 'de', load: async () => (await import('./de/index.ts')).de },
  fr: { locale: 'fr', load: async () => (await import('./fr/index.ts')).fr },
  es: { locale: 'es', load: async () => (await import('./es/index.ts')).es },
  pl: { locale: 'pl', load: async () => (await import('./pl/index.ts')).pl },
};

export function language(): PageLanguage {
  return spoken.now?.language ?? 'en';
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
  const { locale, load } = LOADED[wanted];
  try {
    const translation = await load();
    spoken.now = {
      language: wanted,
      locale,
      texts: new TextCatalogue<string>({ ...translation }, locale),
      has: (key) => Object.hasOwn(translation, key),
    };
  } catch (error) {
    // The server is away: English is there, and the next time it is asked for again.
    console.warn('the texts of a language were not loaded', wanted, error);
  }
}

/**
 * A text of the page in words, ICU MessageFormat filled in.
 *
 * @param values of its placeholders
 */
export function say(key: TextKey, values: TextValues = {}): string {
  const { now } = spoken;
  return now?.has(key) ? now.texts.say(key, values) : english.now.say(key, values);
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
  return now?.has(key) ? now.texts.richly(key, values) : english.now.richly(key, values);
}
