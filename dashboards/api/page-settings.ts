import { z } from 'zod';
import {
  CLOCKS,
  DENSITIES,
  PAGE_LANGUAGES,
  PLAIN_PAGE_SETTINGS as PLAIN,
  START_SCREENS,
  TEMPERATURE_SCALES,
} from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, named } from './schema.ts';

const temperature = z
  .enum(TEMPERATURE_SCALES)
  .describe('In which temperatures are shown and typed; what is kept is in °C');
const clock = z.enum(CLOCKS).describe('Whose clock times are read by');
const zone = line(64).nullable().describe('One’s own IANA time zone; null: that of the browser');
const language = z.enum(PAGE_LANGUAGES);
const hasSound = z.boolean().describe('A new alert is heard');
const density = z.enum(DENSITIES);
const start = z.enum(START_SCREENS).nullable().describe('The first screen; null: by the role');

/** As kept, read by a version that may know other values: what is not known is as for everybody, and spoils nothing else. */
export const keptPageSettings = z.object({
  temperature: temperature.catch(PLAIN.temperature),
  clock: clock.catch(PLAIN.clock),
  zone: zone.catch(PLAIN.zone),
  language: language.catch(PLAIN.language),
  hasSound: hasSound.catch(PLAIN.hasSound),
  density: density.catch(PLAIN.density),
  start: start.catch(PLAIN.start),
});

export const pageSettings = z
  .object({ temperature, clock, zone, language, hasSound, density, start, hintsSeen: z.array(z.string()) })
  .register(named, { id: 'PageSettings' });
export type PageSettingsView = z.output<typeof pageSettings>;

export const pageSettingsInput = z
  .strictObject({ temperature, clock, zone, language, hasSound, density, start })
  .partial();
export type PageSettingsInput = z.output<typeof pageSettingsInput>;

/** Names of hints, as the page gives them. */
export const HINT_NAME = /^[a-z][a-z-]{0,39}$/;

const SELF = 'signed in';

/** What somebody sets of the page for themselves; it follows them to the next computer. */
export const pageSettingsOperations = {
  get: {
    method: 'get',
    path: '/me/settings',
    summary: 'What one has set of the page for oneself',
    permission: SELF,
    answers: { 200: pageSettings },
  },
  put: {
    method: 'put',
    path: '/me/settings',
    summary: 'Set of the page for oneself what is given; the rest stays as it is',
    permission: SELF,
    body: pageSettingsInput,
    answers: { 200: pageSettings },
  },
  putAway: {
    method: 'put',
    path: '/me/hints/:hint',
    summary: 'Put a hint of a screen away for good',
    permission: SELF,
    answers: { 200: pageSettings },
  },
  showHints: {
    method: 'delete',
    path: '/me/hints',
    summary: 'Show all hints again',
    permission: SELF,
    answers: { 200: pageSettings },
  },
} as const satisfies Operations;
