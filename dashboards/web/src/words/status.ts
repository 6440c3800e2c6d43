import { say } from '../text/say.ts';

const WORDS: Readonly<Record<string, string>> = {
  active: say('status.active'),
  inactive: say('status.inactive'),
  retail_sold: say('status.retail_sold'),
};

/** What has become of a serial, from the CBV's word. */
export function statusText(status: string): string {
  return WORDS[status] ?? status.replace('_', ' ');
}
