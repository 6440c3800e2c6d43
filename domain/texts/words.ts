/**
 * A text by its key, with what fills it: kept beside a sentence that was written down in English, so that it can be said
 * in the language of who reads it. JSON.
 */
export interface Words {
  readonly key: string;
  readonly values: Readonly<Record<string, WordValue>>;
}

/** Figures as numbers; texts of their own, one or several that stand behind each other, by their keys. */
export type WordValue = string | number | Words | readonly Words[];

/** Says words with what knows their key. @param say one text, its values being figures and texts */
export function sayWords(
  { key, values }: Words,
  say: (key: string, values: Readonly<Record<string, string | number>>) => string,
): string {
  const said = Object.entries(values).map(([name, value]) => [name, valueSaid(value)] as const);
  return say(key, Object.fromEntries(said));

  function valueSaid(value: WordValue): string | number {
    if (typeof value === 'string' || typeof value === 'number') return value;
    return 'key' in value ? sayWords(value, say) : value.map((one) => sayWords(one, say)).join('; ');
  }
}
