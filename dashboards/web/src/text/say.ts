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
  let message = parsed.get(key);
  if (message === undefined) {
    message = new IntlMessageFormat(en[key], LOCALE);
    parsed.set(key, message);
  }
  return String(message.format({ ...values }));
}
