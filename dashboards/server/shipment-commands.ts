import { parseEpc } from '../../codecs/epc/index.ts';
import {
  type Asn,
  type CancellingFact,
  ConflictError,
  type Epc,
  InputError,
  type SeenFrom,
  type ShipmentState,
  type TimeSource,
} from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import {
  correctedNotice,
  digestOf,
  type NoticeChanges,
  parseAsn,
  parseAsnCsv,
  type Refusal,
  readAsn,
  readAsnCsv,
  type ShipmentDetailRecord,
  type TraceQueries,
} from '../../trace/index.ts';
import { formatTime, type ShipmentCheckView } from '../api/index.ts';
import type { DeviceViews } from './device-views.ts';
import { type Directory, placeRef, type Registered } from './directory.ts';
import type { FactCommands } from './fact-commands.ts';
import { Refusal as HttpRefusal } from './problems.ts';
import type { Received } from './received.ts';

/** As many faults of a notice are told at once. */
const MOST_FAULTS = 500;
/** So far ahead of our clock may be what was done just now, ms. */
const AHEAD_MS = 600_000;

export interface ShipmentCommandsOptions {
  readonly deviceViews: DeviceViews;
  readonly directory: Directory;
  readonly factCommands: FactCommands;
  readonly time: TimeSource;
  readonly trace: TraceQueries;
  /** The places whose goods who decides sees. */
  readonly seenFrom: SeenFrom;
  readonly lane: Lane;
}

/** What was decided, and whether the tracer has worked it in already. */
export interface ShipmentOutcome {
  readonly isApplied: boolean;
  readonly warnings: readonly string[];
}

export interface AttachmentWish {
  readonly device: string;
  /** In any form; null takes the device off. */
  readonly unit: string | null;
  readonly from?: number | undefined;
  readonly reason: string;
}

/**
 * One decision on a shipment at a time, whichever process takes it. In this process one decision at a time at all: each
 * holds a connection while it looks with others.
 */
export class Lane {
  readonly #database: Database;
  #last: Promise<void> = Promise.resolve();

  constructor(database: Database) {
    this.#database = database;
  }

  /** @param ids what is decided upon: all of it is nobody else's meanwhile */
  alone<T>(ids: string | readonly string[], work: () => Promise<T>): Promise<T> {
    // In one order everywhere: two who want the same two do not wait for each other.
    const wanted = [...new Set([ids].flat())].toSorted();
    const done = this.#last.then(() =>
      this.#database.transaction(async (client) => {
        for (const id of wanted) {
          await client.query("SELECT pg_advisory_xact_lock(hashtextextended('shipment ' || $1, 0))", [id]);
        }
        return work();
      }),
    );
    // Who comes next does not fail of it; whose it is learns of it.
    this.#last = done.then(
      () => {},
      () => {},
    );
    return done;
  }
}

/** What people and partners say of shipments. Decisions upon one shipment are taken one after another. */
export class ShipmentCommands {
  readonly #options: ShipmentCommandsOptions;

  constructor(options: ShipmentCommandsOptions) {
    this.#options = options;
  }

  /**
   * @param body a notice as JSON, or as CSV where it is text
   * @param isNew whether a shipment of this id that says something else is in the way
   * @throws {InputError} ASN_INVALID
   * @throws {ConflictError} SHIPMENT_EXISTS
   */
  async announce(
    body: unknown,
    { told, isNew }: { told: string | undefined; isNew: boolean },
    received: Received,
  ): Promise<ShipmentOutcome & { readonly id: string }> {
    const { factCommands, trace } = this.#options;
    const options = { companyPrefixes: await this.#prefixes(body, told) };
    const asn = typeof body === 'string' ? parseAsnCsv(body, options) : parseAsn(body, options);
    await this.#requireTheirs(asn);
    const record = () => factCommands.record([{ type: 'asn', asn, by: received.source }], received);
    const isApplied = await (isNew ? this.#alone(asn.id, () => this.#create(asn, record)) : record());
    const warnings = await this.#warningsOf(asn);
    const cancelled = (await trace.shipment(asn.id))?.cancelled ?? null;
    if (cancelled !== null) warnings.unshift(`${asn.id} was cancelled by ${cancelled.by} and stays so: reinstate it`);
    return { id: asn.id, isApplied, warnings };
  }

  async #create(asn: Asn, record: () => Promise<boolean>): Promise<boolean> {
    const { factCommands, trace } = this.#options;
    await factCommands.settled();
    const before = await trace.notice(asn.id);
    if (before === null) return record();
    // Sent again it is there already: a double click leaves one entry.
    if (before.content === digestOf(asn)) return true;
    throw new ConflictError('SHIPMENT_EXISTS', `there is a shipment ${asn.id} already; take another id`, {
      id: asn.id,
    });
  }

  /** What a notice would make, all that is wrong with it, and what is there already. Nothing is kept. */
  async check(body: unknown, told: string | undefined): Promise<ShipmentCheckView> {
    const { directory, trace } = this.#options;
    const { asn, refusals } = readNotice(body, { companyPrefixes: await this.#prefixes(body, told) });
    const faults = refusals.slice(0, MOST_FAULTS).map((refusal) => ({ ...refusal }));
    const faultCount = refusals.length;
    if (asn === null) return { notice: null, faults, faultCount, exists: 'no', warnings: [] };
    await this.#requireTheirs(asn);
    const before = await trace.notice(asn.id);
    const exists = before === null ? 'no' : before.content === digestOf(asn) ? 'same' : 'other';
    const notice = noticeView(asn, await directory.registered());
    return { notice, faults, faultCount, exists, warnings: await this.#warningsOf(asn) };
  }

  /**
   * @throws {InputError} SHIPMENT_UNKNOWN, ASN_INVALID, NOT_LISTED
   * @throws {ConflictError} SHIPMENT_CHANGED
   */
  async correct(
    id: string,
    {
      revision,
      reason,
      told,
      ...changes
    }: NoticeChanges & { revision: number; reason: string; told: string | undefined },
    received: Received,
  ): Promise<ShipmentOutcome> {
    const { factCommands, time, trace } = this.#options;
    const prefixes = await this.#prefixes(changes, told);
    return this.#alone(id, async () => {
      await this.#current(id, revision);
      const before = await trace.notice(id);
      if (before === null) throw unknownShipment(id);
      const corrected = correctedNotice(before, changes, { reason, companyPrefixes: prefixes, now: time.now() });
      if (corrected !== null) await this.#requireTheirs(corrected.asn);
      if (corrected === null) return { isApplied: true, warnings: ['nothing was different: nothing is changed'] };
      const isApplied = await factCommands.record([{ type: 'asn', ...corrected, by: received.source }], received);
      return { isApplied, warnings: await this.#warningsOf(corrected.asn) };
    });
  }

  /**
   * Cancels a shipment, or takes that back.
   * @throws {InputError} SHIPMENT_UNKNOWN
   * @throws {ConflictError} SHIPMENT_CHANGED, SHIPMENT_STATE_CONFLICT
   */
  async cancel(
    id: string,
    isCancelled: boolean,
    { revision, reason }: { revision: number; reason: string },
    received: Received,
  ): Promise<boolean> {
    const { factCommands, time } = this.#options;
    return this.#alone(id, async () => {
      const { state } = await this.#current(id, revision);
      const fits = isCancelled ? CANCELLABLE.includes(state) : state === 'cancelled';
      if (!fits) {
        const what = isCancelled ? 'cancelled; close it when it is done' : 'reinstated';
        throw new ConflictError('SHIPMENT_STATE_CONFLICT', `${id} is ${state} and cannot be ${what}`, { state });
      }
      const cancelling: CancellingFact = { shipment: id, at: time.now(), isCancelled, reason };
      return factCommands.record([{ type: 'cancelling', cancelling, by: received.source }], received);
    });
  }

  /**
   * Puts a device on a unit of the shipment, or takes it off.
   * @throws {InputError} SHIPMENT_UNKNOWN, UNIT_UNKNOWN, DEVICE_UNKNOWN, ATTACHMENT_AHEAD
   * @throws {ConflictError} DEVICE_NOT_ATTACHED
   */
  async attach(id: string, wish: AttachmentWish, received: Received): Promise<ShipmentOutcome> {
    const { deviceViews, factCommands, time, trace } = this.#options;
    const now = time.now();
    const { device, reason, from = now } = wish;
    if (from > now + AHEAD_MS) {
      const message = `from: ${formatTime(from)} is still to come; allowed: up to now, ${formatTime(now)}`;
      throw new InputError('ATTACHMENT_AHEAD', message, { from });
    }
    return this.#alone(id, async () => {
      await factCommands.settled();
      const shipment = await trace.shipment(id);
      if (shipment === null) throw unknownShipment(id);
      const unit = wish.unit === null ? null : unitIn(shipment, wish.unit);
      const [before] = await trace.attachments([device]);
      if (unit === null && !shipment.units.some(({ devices }) => devices.includes(device))) {
        throw new ConflictError('DEVICE_NOT_ATTACHED', `${device} is on no unit of ${id}`, { device });
      }
      // A slip of the pen in a logger's id would leave the goods unwatched.
      if (unit !== null) await deviceViews.detail(device);
      const attachment = { device, subject: unit, from, reason, shipment: id };
      const isApplied = await factCommands.record([{ type: 'attachment', attachment, by: received.source }], received);
      const isMoved = unit !== null && before !== undefined && before.subject !== unit;
      const warnings = isMoved ? [`${device} was on ${before.shipment ?? before.subject} until then`] : [];
      return { isApplied, warnings };
    });
  }

  /** @throws {ConflictError} SHIPMENT_CHANGED somebody changed it since it was shown */
  async #current(id: string, revision: number): Promise<ShipmentDetailRecord> {
    const { factCommands, trace } = this.#options;
    await factCommands.settled();
    const shipment = await trace.shipment(id);
    if (shipment === null) throw unknownShipment(id);
    if (shipment.revision === revision) return shipment;
    throw new ConflictError('SHIPMENT_CHANGED', `${id} was changed since it was shown: look at it again`, {
      revision: shipment.revision,
    });
  }

  /**
   * Who is bound to sites announces what leaves or reaches one of them, of goods and loggers that are theirs or new here:
   * what a notice names is seen from where it goes, and to name it must not be a way to see it.
   * @throws {Refusal} 403 NOT_AT_YOUR_SITES
   */
  async #requireTheirs(asn: Asn): Promise<void> {
    const { seenFrom, trace } = this.#options;
    if (seenFrom === null) return;
    const isAtAnEnd = [asn.origin, asn.destination].some((place) => seenFrom.includes(place));
    if (!isAtAnEnd) throw notTheirs(`${asn.origin} and ${asn.destination} are`);
    const isThere = (await trace.at(null).shipment(asn.id)) !== null;
    if (isThere && !(await trace.seenShipments([asn.id])).has(asn.id)) throw notTheirs(`the shipment ${asn.id} is`);
    const strangers = await trace.strangersAmong({
      devices: asn.units.flatMap(({ devices }) => devices),
      epcs: asn.units.flatMap(({ sscc, children }) => [sscc, ...children]),
    });
    if (strangers.length > 0) throw notTheirs(`${strangers.join(', ')} ${strangers.length === 1 ? 'is' : 'are'}`);
  }

  #alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.#options.lane.alone(id, work);
  }

  async #prefixes(body: unknown, told = ''): Promise<Set<string>> {
    const known = await this.#options.trace.prefixesKnownFor(codesIn(body));
    return new Set([...told.split(',').filter((one) => one !== ''), ...known]);
  }

  /** What is taken all the same and may be a slip of the pen. */
  async #warningsOf({ origin, destination, units }: Asn): Promise<string[]> {
    const { places, devices } = await this.#options.directory.registered();
    const sites = [
      { what: 'origin', id: origin },
      { what: 'destination', id: destination },
    ].filter(({ id }) => !places.has(id));
    const unknown = units.flatMap((unit) => unit.devices).filter((device) => !devices.has(device));
    return [
      ...sites.map(({ what, id }) => `${what} ${id} is not a registered place: nothing is expected at its doors`),
      ...unknown.map((device) => `device ${device} is not registered`),
    ].slice(0, 20);
  }
}

const CANCELLABLE: readonly ShipmentState[] = ['created', 'packed', 'in transit'];

function notTheirs(what: string): HttpRefusal {
  return new HttpRefusal(403, 'NOT_AT_YOUR_SITES', `${what} not at your sites`);
}

function unknownShipment(id: string): InputError {
  return new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${id}`, { shipment: id });
}

/** @throws {InputError} EPC_*, UNIT_UNKNOWN */
function unitIn(shipment: ShipmentDetailRecord, given: string): Epc {
  const units = shipment.units.map(({ epc }) => epc);
  const unit = parseEpc(given, {
    companyPrefixes: new Set(units.map((epc) => epc.split(':').at(-1)?.split('.')[0] ?? '')),
  });
  if (units.includes(unit)) return unit;
  throw new InputError('UNIT_UNKNOWN', `${shipment.id} lists no unit ${unit}`, { unit });
}

function readNotice(
  body: unknown,
  options: { companyPrefixes: ReadonlySet<string> },
): { readonly asn: Asn | null; readonly refusals: readonly Refusal[] } {
  if (typeof body !== 'string') return readAsn(body, options);
  try {
    return readAsnCsv(body, options);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const refusals = error.details.refusals as readonly Refusal[] | undefined;
    return {
      asn: null,
      refusals: refusals ?? [{ path: 'the file', given: 'text', allowed: `a table: ${error.message}` }],
    };
  }
}

/** All texts in what was sent: among them the codes that may need a company prefix. */
export function* codesIn(body: unknown): Generator<string> {
  if (typeof body === 'string') yield* body.split(/[\r\n,;\t]+/);
  else if (Array.isArray(body)) for (const one of body) yield* typeof one === 'string' ? [one] : codesIn(one);
  else if (body !== null && typeof body === 'object') {
    for (const one of Object.values(body)) yield* typeof one === 'string' ? [one] : codesIn(one);
  }
}

function noticeView(asn: Asn, registered: Registered): NonNullable<ShipmentCheckView['notice']> {
  const { id, profile, origin, destination, departs, arrives, units, products } = asn;
  const isUnit = new Set(units.map(({ sscc }) => sscc));
  const shown = units.map(({ sscc, from, devices, children }) => ({
    ...{ epc: sscc, from: formatTime(from), devices: [...devices] },
    serialCount: children.filter((child) => !isUnit.has(child)).length,
  }));
  return {
    ...{ id, profile, units: shown },
    origin: placeRef(registered, origin),
    destination: placeRef(registered, destination),
    departs: formatTime(departs),
    arrives: formatTime(arrives),
    serialCount: shown.reduce((sum, { serialCount }) => sum + serialCount, 0),
    products: products.map(({ gtin, name, lot, expiry }) => ({ gtin, name, lot, expiry })),
  };
}
