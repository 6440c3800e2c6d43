import { z } from 'zod';
import { eta } from './arrival.ts';
import { condition, conditionState } from './condition.ts';
import type { Operations } from './operation.ts';
import { placeRef, position } from './place.ts';
import { named, scanned } from './schema.ts';
import { timeOut } from './time.ts';

const counts = z.object({
  excursion: z.number().int(),
  warning: z.number().int(),
  unknown: z.number().int(),
  inRange: z.number().int(),
});

/** A shipment as it stands on the board. */
const card = z.object({
  id: z.string(),
  condition,
  place: placeRef.nullable(),
  eta: eta.nullable(),
  arrives: timeOut.nullable(),
});
export type ShipmentCard = z.output<typeof card>;

const boardLane = z.object({
  origin: placeRef,
  destination: placeRef,
  counts,
  likelyLate: z.number().int().describe('that more likely than not arrive after they are to'),
  first: z.array(card).describe('of each state the most urgent, at most six'),
});
export type BoardLane = z.output<typeof boardLane>;

export const shipmentBoard = z
  .object({
    lanes: z.array(boardLane).describe('the worst first'),
    counts: counts.describe('of all that are neither closed nor cancelled and fit q, whatever their condition'),
    sites: z
      .array(z.object({ place: placeRef, position: position.nullable() }))
      .describe('where they come from, go to and are'),
    positions: z
      .array(z.object({ shipment: z.string(), device: z.string(), state: conditionState, position, at: timeOut }))
      .describe('where loggers say they are: the latest fix of each shipment'),
    elsewhere: z.number().int().describe('at sites that who asks does not see'),
  })
  .register(named, { id: 'ShipmentBoard' });
export type ShipmentBoardView = z.output<typeof shipmentBoard>;

export const boardQuery = z.object({
  condition: conditionState.optional(),
  q: scanned(400).trim().optional().describe('as for shipments'),
});
export type BoardQuery = z.output<typeof boardQuery>;

export const shipmentBoardOperations = {
  board: {
    method: 'get',
    path: '/shipment-board',
    summary: 'Shipments under way by lane and state, with sites and positions for a map',
    permission: 'records.read',
    bySite: true,
    query: boardQuery,
    answers: { 200: shipmentBoard },
  },
} as const satisfies Operations;
