import { bareIn, type WordKind } from './vocabulary.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * An event with words of the CBV as JSON-LD has them, without their namespace: GS1's JSON schema refuses them in full, and some
 * senders write them so. Whatever is no word of the CBV stays as it came; the event hash is the same.
 */
export function withBareWords(event: Json): Json {
  const given = Object.entries(event).map(([key, value]): [string, unknown] => [key, FIELDS[key]?.(value) ?? value]);
  return Object.fromEntries(given);
}

type Change = (value: unknown) => unknown;

const word =
  (kind: WordKind): Change =>
  (value) =>
    typeof value === 'string' ? bareIn(kind, value) : value;

/** Of an object, or of each in a list. */
const under =
  (key: string, change: Change): Change =>
  (value) => {
    if (Array.isArray(value)) return value.map(under(key, change));
    return isObject(value) && key in value ? { ...value, [key]: change(value[key]) } : value;
  };

const all =
  (change: Change): Change =>
  (value) =>
    Array.isArray(value) ? value.map(change) : change(value);

/** Where words stand (EPCIS 2.0, section 7.4). */
const FIELDS: Readonly<Record<string, Change>> = {
  bizStep: word('bizstep'),
  disposition: word('disp'),
  persistentDisposition: (value) => under('unset', all(word('disp')))(under('set', all(word('disp')))(value)),
  bizTransactionList: under('type', word('btt')),
  sourceList: under('type', word('sdt')),
  destinationList: under('type', word('sdt')),
  errorDeclaration: under('reason', word('er')),
};

function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object';
}
