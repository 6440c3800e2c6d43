import type { MeterDefinition } from '../domain/index.ts';

/** Everything this room counts, with unit and meaning. */
export const PARTNERS_METRICS = {
  turnedAway: {
    name: 'isotherm_partners_turned_away',
    help: 'Requests and files of partners that were more than is agreed, by why: requests (of a minute), at once, files (or bytes of a day)',
    labels: ['why'],
  },
  systemsTurnedAway: {
    name: 'isotherm_systems_turned_away',
    help: 'Files of ERP and WMS that were more than their mapping files allow for a day, by system',
    labels: ['system'],
  },
  systemFiles: {
    name: 'isotherm_system_files',
    help: 'Files that came from ERP and WMS, by system and fate: taken, unchanged, older, refused, repeated',
    labels: ['system', 'fate'],
  },
} as const satisfies Record<string, MeterDefinition>;
