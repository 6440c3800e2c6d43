import type { Translation } from '../translation.ts';
import { market } from './market.ts';
import { partner } from './partner.ts';
import { record } from './record.ts';
import { records } from './records.ts';
import { system } from './system.ts';

/** German texts of partners, records, markets and systems: they come with the first of these screens that is opened. */
export const far: Translation = { ...market, ...partner, ...record, ...records, ...system };
