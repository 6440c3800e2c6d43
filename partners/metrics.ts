import type { MeterDefinition } from '../domain/index.ts';

/** Everything this room counts, with unit and meaning. */
export const PARTNERS_METRICS = {
  turnedAway: {
    name: 'isotherm_partners_turned_away',
    help: 'Requests and files of partners that were more than is agreed, by why: requests (of a minute), at once, files (or bytes of a day)',
    labels: ['why'],
  },
} as const satisfies Record<string, MeterDefinition>;
