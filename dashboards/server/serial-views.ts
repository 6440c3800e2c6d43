import type { AlertBook } from '../../alerts/index.ts';
import { InputError } from '../../domain/index.ts';
import type { TraceQueries } from '../../trace/index.ts';
import { formatTime, type SerialView } from '../api/index.ts';
import type { AlertViews } from './alert-views.ts';
import { type Directory, placeRef } from './directory.ts';

export interface SerialViewsOptions {
  readonly alertBook: AlertBook;
  readonly alertViews: AlertViews;
  readonly directory: Directory;
  readonly trace: TraceQueries;
}

/** One serial's whole story: what it is, where it was, in what air, and what was raised about it. */
export class SerialViews {
  readonly #options: SerialViewsOptions;

  constructor(options: SerialViewsOptions) {
    this.#options = options;
  }

  /** @param given EPC URN, Digital Link or hex @throws {InputError} SERIAL_UNKNOWN, EPC_* */
  async detail(given: string): Promise<SerialView> {
    const { alertBook, alertViews, directory, trace } = this.#options;
    const serial = await trace.serial(given);
    if (serial === null)
      throw new InputError('SERIAL_UNKNOWN', `nothing was ever heard of ${given}`, { serial: given });
    const [registered, alerts] = await Promise.all([directory.registered(), alertBook.ofSerial(serial.epc)]);
    return {
      epc: serial.epc,
      gtin: serial.gtin,
      serial: serial.serial,
      sscc: serial.sscc,
      lot: serial.lot,
      expiry: serial.expiry,
      product: serial.product,
      shipments: [...serial.shipments],
      unit: serial.unit,
      containment: serial.containment.map(({ parent, from, to }) => ({ parent, ...spanOf(from, to) })),
      presence: serial.presence.map(({ place, from, to }) => ({
        place: placeRef(registered, place),
        ...spanOf(from, to),
      })),
      exposures: serial.exposures.map(({ devices, from, to }) => ({ devices: [...devices], ...spanOf(from, to) })),
      alerts: await alertViews.list(alerts),
      dispositions: [],
    };
  }
}

function spanOf(from: number, to: number | null): { from: string; to: string | null } {
  return { from: formatTime(Math.max(from, EARLIEST_MS)), to: formatTime(to) };
}

/** What nothing bounds begins with the epoch: a Date holds no -Infinity. */
const EARLIEST_MS = 0;
