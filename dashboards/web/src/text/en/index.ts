import { far } from './far.ts';
import { near } from './near.ts';

/** Every text of the page in English, by key: the screen, then what it is. Other languages have these keys and no other. */
export const en = { ...near, ...far } as const;
