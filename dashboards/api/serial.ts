import { z } from 'zod';
import { alert } from './alert.ts';
import { placeRef } from './place.ts';
import { named } from './schema.ts';
import { timeOut } from './time.ts';

const span = { from: timeOut, to: timeOut.nullable() };

export const serial = z
  .object({
    epc: z.string(),
    gtin: z.string().nullable(),
    serial: z.string().nullable(),
    sscc: z.string().nullable(),
    lot: z.string().nullable(),
    expiry: z.string().nullable(),
    product: z.string().nullable(),
    shipments: z.array(z.string()),
    /** What it is in now. */
    unit: z.string().nullable(),
    containment: z.array(z.object({ parent: z.string(), ...span })),
    presence: z.array(z.object({ place: placeRef, ...span })),
    /** Which devices measured the air it was in; empty `devices` = unknown. */
    exposures: z.array(z.object({ devices: z.array(z.string()), ...span })),
    alerts: z.array(alert),
    dispositions: z.array(z.string()),
  })
  .register(named, { id: 'Serial' });
export type SerialView = z.output<typeof serial>;
