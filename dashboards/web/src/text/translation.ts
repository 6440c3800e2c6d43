import type { en } from './en/index.ts';

/** What names a text; a key that English does not have does not compile. */
export type TextKey = keyof typeof en;

/** Texts of another language, as far as they are there. */
export type Translation = Readonly<Partial<Record<TextKey, string>>>;
