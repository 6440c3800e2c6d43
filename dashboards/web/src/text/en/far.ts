import { admin } from './admin.ts';
import { decommission } from './decommission.ts';
import { market } from './market.ts';
import { partner } from './partner.ts';
import { record } from './record.ts';
import { records } from './records.ts';
import { review } from './review.ts';
import { routing } from './routing.ts';
import { settings } from './settings.ts';
import { setup } from './setup.ts';
import { system } from './system.ts';

/** English texts of administration and partners: they come with the first of these screens that is opened. */
export const far = {
  ...admin,
  ...decommission,
  ...market,
  ...partner,
  ...record,
  ...records,
  ...review,
  ...routing,
  ...settings,
  ...setup,
  ...system,
} as const;
