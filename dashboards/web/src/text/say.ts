import { IntlMessageFormat, type PrimitiveType } from 'intl-messageformat';
import { en } from './en/index.ts';

/** What names a text; a key that English does not have does not compile. */
export type TextKey = keyof typeof en;

/** Of figures and times, and of plurals. */
const LOCALE = 'en-GB';

const parsed = new Map<TextKey, IntlMessageFormat>();

/**
 * A text of the page in words, ICU MessageFormat filled in.
 *
 * @param values of its placeholders
 */
export function say(key: TextKey, values: Readonly<Record<string, PrimitiveType>> = {}): string {
  return String(messageOf(key).format({ ...values }));
}

/** The same with parts that are no text: they come back in their places among the words. */
export function richly<T>(key: TextKey, values: Readonly<Record<string, T>>): (string | T)[] {
  const parts: string | T | (string | T)[] = messageOf(key).format<T>({ ...values });
  return Array.isArray(parts) ? parts : [parts];
}

function messageOf(key: TextKey): IntlMessageFormat {
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const message = new IntlMessageFormat(en[key], LOCALE);
  parsed.set(key, message);
  return message;
}
