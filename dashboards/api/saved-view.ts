import { z } from 'zod';
import { conditionState } from './condition.ts';
import type { Operations } from './operation.ts';
import { line, named, scanned } from './schema.ts';
import { SHIPMENT_SORTS } from './shipment.ts';

export const SHIPMENT_LAYOUTS = ['list', 'board', 'map'] as const;

/** What of the shipments is shown and how, member by member as the address of the page has it. */
export const shipmentAddress = z
  .strictObject({
    condition: conditionState,
    find: scanned(400),
    show: z.enum(['all']).describe('closed and cancelled ones too'),
    sort: z.enum(SHIPMENT_SORTS),
    view: z.enum(SHIPMENT_LAYOUTS),
    origin: line(128).describe('id of the place they come from'),
    destination: line(128).describe('id of the place they go to'),
  })
  .partial();
export type ShipmentAddress = z.output<typeof shipmentAddress>;

/** Which saved view. */
export const savedViewRef = z.object({ name: line(60).trim().min(1) });

export const savedView = z
  .object({
    name: z.string(),
    address: z.record(z.string(), z.string()).describe('as it was saved, also by another version'),
    gone: z
      .array(z.string())
      .describe(
        'members that name what is not there any more: a place that is not registered, a word that is not known',
      ),
  })
  .register(named, { id: 'SavedView' });
export type SavedView = z.output<typeof savedView>;

export const savedViewList = z.object({ items: z.array(savedView) }).register(named, { id: 'SavedViewList' });
export type SavedViewList = z.output<typeof savedViewList>;

const SELF = 'signed in';
const answers = { 200: savedViewList };

/** Views of the screen of shipments that somebody saved for themselves; each change answers with all of them, by name. */
export const savedViewOperations = {
  list: {
    method: 'get',
    path: '/me/shipment-views',
    summary: 'One’s own saved views of shipments',
    permission: SELF,
    answers,
  },
  put: {
    method: 'put',
    path: '/me/shipment-views/:name',
    summary: 'Save a view of shipments by its name, in place of the one that has it',
    permission: SELF,
    body: shipmentAddress,
    answers,
  },
  remove: {
    method: 'delete',
    path: '/me/shipment-views/:name',
    summary: 'Take a saved view of shipments away',
    permission: SELF,
    answers,
  },
} as const satisfies Operations;
