import { say, type TextKey } from '../text/say.ts';

const WORDS: Readonly<Record<string, TextKey>> = {
  active: 'status.active',
  inactive: 'status.inactive',
  retail_sold: 'status.retail_sold',
};

/** What has become of a serial, from the CBV's word, in the language that is spoken. */
export function statusText(status: string): string {
  const key = WORDS[status];
  return key === undefined ? status.replace('_', ' ') : say(key);
}
