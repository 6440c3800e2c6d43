import { admin } from './admin.ts';
import { chart } from './chart.ts';
import { device } from './device.ts';
import { frame } from './frame.ts';
import { parts } from './parts.ts';
import { recall } from './recall.ts';
import { rule } from './rule.ts';
import { serial } from './serial.ts';
import { signIn } from './sign-in.ts';
import { suspect } from './suspect.ts';
import { words } from './words.ts';

/** Every text of the page in English, by key: the screen, then what it is. Other languages have these keys and no other. */
export const en = {
  ...words,
  ...admin,
  ...suspect,
  ...frame,
  ...signIn,
  ...parts,
  ...device,
  ...recall,
  ...rule,
  ...serial,
  ...chart,
} as const;
