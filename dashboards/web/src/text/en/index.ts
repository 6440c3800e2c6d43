import { admin } from './admin.ts';
import { suspect } from './suspect.ts';

/** Every text of the page in English, by key: the screen, then what it is. Other languages have these keys and no other. */
export const en = { ...admin, ...suspect } as const;
