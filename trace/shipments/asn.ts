import { z } from 'zod';
import { gtin14, isSgtin, isSscc, type ParseOptions, parseEpc } from '../../codecs/epc/index.ts';
import {
  type Asn,
  type AsnUnit,
  DEVICE_ID,
  DURATION_FORM,
  type Epc,
  InputError,
  isCalendarDate,
  type Lot,
  PLACE_ID,
  PROFILES,
  type Product,
  parseDuration,
  parseTimestamp,
  textFault,
} from '../../domain/index.ts';

/** Ids of shipments: they stand in URLs. */
export const SHIPMENT_ID = /^[A-Za-z0-9._:/-]{1,128}$/;

const WANTED = {
  id: 'a string of 1 to 128 characters out of A-Z a-z 0-9 . _ : / -',
  profile: `one of ${PROFILES.map(({ id }) => id).join(', ')}`,
  site: 'the id of a site, such as site:lyon',
  time: 'an RFC 3339 time with zone, such as 2026-11-22T08:00:00Z, or epoch milliseconds',
  device: 'a device id: 1 to 128 characters out of A-Z a-z 0-9 . _ : -',
  epc: 'an EPC as pure identity URI, tag URI, hex, element string or Digital Link',
  gtin: 'a GTIN of 8, 12, 13 or 14 digits with its check digit',
  date: 'a calendar date, such as 2027-06-30',
  duration: DURATION_FORM,
  child: 'an EPC, or {"epc": ..., "budgetUsed": ..., "lot": ..., "expiry": ...}',
  lot: 'a lot of 1 to 20 characters',
};

/** 9999-12-31T23:59:59.999Z. */
const LATEST_TIME = 253_402_300_799_999;

/** Floored to the millisecond. */
const time = z.union(
  [
    z.number().int().min(0).max(LATEST_TIME),
    z
      .string()
      .transform((text) => parseTimestamp(text))
      .refine((at) => at !== null)
      .transform((at) => at ?? 0),
  ],
  { error: WANTED.time },
);
/** Text that a row can hold (domain/text.ts). */
const storable = (max: number, error?: string) =>
  z.string(error === undefined ? {} : { error }).superRefine((given, context) => {
    const fault = textFault(given, { max });
    if (fault !== null) context.addIssue(fault);
  });
const text = storable(200).trim().min(1);
const site = z.string({ error: WANTED.site }).refine((id) => PLACE_ID.test(id) && id.startsWith('site:'), WANTED.site);
const epc = z
  .string({ error: WANTED.epc })
  .min(1)
  .superRefine((given, context) => {
    const fault = textFault(given, { form: 'scan', max: 400 });
    if (fault !== null) context.addIssue(fault);
  });
const duration = z.string({ error: WANTED.duration }).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms === null) context.addIssue(WANTED.duration);
  return ms ?? z.NEVER;
});
const lot = text.max(20, WANTED.lot);
const date = z.string({ error: WANTED.date }).refine(isCalendarDate, WANTED.date);
const child = z.union(
  [
    epc,
    z.strictObject({
      epc,
      budgetUsed: z.string().optional(),
      lot: lot.optional(),
      expiry: date.optional(),
    }),
  ],
  { error: WANTED.child },
);

/** The body of `POST /api/v1/shipments`, as to its shape; {@link parseAsn} does the rest. */
export const asnInput = z.strictObject({
  id: z.string({ error: WANTED.id }).regex(SHIPMENT_ID, WANTED.id),
  profile: z
    .string({ error: WANTED.profile })
    .refine((id) => PROFILES.some((profile) => profile.id === id), WANTED.profile),
  origin: site,
  destination: site,
  departs: time,
  arrives: time,
  lane: text.optional(),
  carrier: text.optional(),
  units: z
    .array(
      z.strictObject({
        sscc: epc,
        devices: z.array(z.string({ error: WANTED.device }).regex(DEVICE_ID, WANTED.device)).default([]),
        children: z.array(child).default([]),
        from: time,
      }),
    )
    .max(100_000),
  products: z
    .array(
      z.strictObject({
        gtin: z.string({ error: WANTED.gtin }),
        name: text,
        lot: lot.nullable().default(null),
        expiry: date.nullable().default(null),
        /** `budget`: time out of range it stands; `mktWindow`: over which its MKT is taken. */
        stability: z.strictObject({ budget: duration.optional(), mktWindow: duration.optional() }).optional(),
      }),
    )
    .max(10_000)
    .default([]),
});

/** One thing wrong with a notice. */
export interface Refusal {
  /** `units[0].children[3]`. */
  readonly path: string;
  /** What was given there, as JSON, cut to 100 characters; `nothing` where it is missing. */
  readonly given: string;
  readonly allowed: string;
}

/**
 * Reads a shipment notice. EPCs may come in any form; they leave as pure identity URIs. Element strings and Digital
 * Links are understood with the company prefixes of the notice's other EPCs and those of `options`.
 *
 * @param body parsed JSON
 * @throws {InputError} ASN_INVALID: the first refusal in the message, all (up to 20) in `details.refusals`
 */
export function parseAsn(body: unknown, options: ParseOptions = {}): Asn {
  const { asn, refusals } = readAsn(body, options);
  if (asn === null) throw invalidAsn(refusals);
  return asn;
}

/** As {@link parseAsn}, with everything that is wrong; `asn` is null where anything is. */
export function readAsn(
  body: unknown,
  options: ParseOptions = {},
): { readonly asn: Asn | null; readonly refusals: readonly Refusal[] } {
  const parsed = asnInput.safeParse(body);
  if (!parsed.success) {
    const { issues } = parsed.error;
    return { asn: null, refusals: issues.map(({ path, message }) => refusal(body, path, message)) };
  }
  const input = parsed.data;
  const refusals: Refusal[] = [];
  const refuse = (path: PropertyKey[], allowed: string) => refusals.push(refusal(body, path, allowed));
  const companyPrefixes = new Set([...(options.companyPrefixes ?? []), ...prefixesIn(input.units)]);
  const read = (given: string, path: PropertyKey[]): Epc => {
    try {
      return parseEpc(given, { ...options, companyPrefixes });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refuse(path, `${WANTED.epc} (${error.message})`);
      return '';
    }
  };
  if (input.departs >= input.arrives) refuse(['arrives'], `a time after departs (${toText(body, ['departs'])})`);
  const units = input.units.map((unit, index): AsnUnit => {
    const sscc = read(unit.sscc, ['units', index, 'sscc']);
    if (sscc !== '' && !isSscc(sscc) && !isSgtin(sscc)) refuse(['units', index, 'sscc'], "an SSCC, or a case's SGTIN");
    const budgetUsed: [Epc, number][] = [];
    const lots: [Epc, Lot][] = [];
    const children = unit.children.map((child, at) => {
      const path = ['units', index, 'children', at];
      const pure = read(epcOf(child), path);
      if (typeof child !== 'string') {
        const { budgetUsed: used, lot, expiry = null } = child;
        const ms = used === undefined ? undefined : parseDuration(used);
        if (ms === null) refuse([...path, 'budgetUsed'], WANTED.duration);
        else if (ms !== undefined) budgetUsed.push([pure, ms]);
        if (lot !== undefined) lots.push([pure, { lot, expiry }]);
        else if (expiry !== null) refuse([...path, 'lot'], 'the lot that the expiry is of');
      }
      if (pure !== '' && !isSgtin(pure) && !isSscc(pure)) refuse(path, 'an SGTIN or SSCC');
      return pure;
    });
    const budgetUsedMs = budgetUsed.length === 0 ? {} : { budgetUsedMs: Object.fromEntries(budgetUsed) };
    const ownLots = lots.length === 0 ? {} : { lots: Object.fromEntries(lots) };
    return { sscc, devices: unit.devices, children, ...ownLots, ...budgetUsedMs, from: unit.from };
  });
  checkUnits(units, refuse);
  const products = input.products.map(({ stability, ...product }, index): Product => {
    const { budget = null, mktWindow = null } = stability ?? {};
    const stands = stability === undefined ? {} : { stability: { budgetMs: budget, mktWindowMs: mktWindow } };
    try {
      return { ...product, gtin: gtin14(product.gtin), ...stands };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refuse(['products', index, 'gtin'], `${WANTED.gtin} (${error.message})`);
      return { ...product, ...stands };
    }
  });
  if (refusals.length > 0) return { asn: null, refusals };
  const { lane, carrier, ...told } = input;
  const named = { ...(lane !== undefined && { lane }), ...(carrier !== undefined && { carrier }) };
  return { asn: { ...told, ...named, units, products }, refusals };
}

type Child = z.output<typeof child>;

function epcOf(given: Child): string {
  return typeof given === 'string' ? given : given.epc;
}

/** Nothing twice, nothing in itself, no rings. */
function checkUnits(units: readonly AsnUnit[], refuse: (path: PropertyKey[], allowed: string) => void): void {
  const seen = { unit: new Map<Epc, string>(), device: new Map<string, string>(), child: new Map<Epc, string>() };
  const once = (what: keyof typeof seen, value: string, path: PropertyKey[]) => {
    if (value === '') return;
    const before = seen[what].get(value);
    if (before === undefined) seen[what].set(value, dotted(path));
    else refuse(path, `each ${what} once in a notice; it is ${before} already`);
  };
  const parents = new Map<Epc, Epc>();
  for (const [index, { sscc, devices, children }] of units.entries()) {
    once('unit', sscc, ['units', index, 'sscc']);
    for (const [at, device] of devices.entries()) once('device', device, ['units', index, 'devices', at]);
    for (const [at, child] of children.entries()) {
      const path = ['units', index, 'children', at];
      once('child', child, path);
      if (child === sscc && child !== '') refuse(path, 'something other than the unit itself');
      else if (!parents.has(child)) parents.set(child, sscc);
      if (child !== sscc && ringFrom(child, parents)) refuse(path, 'a unit that does not contain this one');
    }
  }
}

function ringFrom(start: Epc, parents: ReadonlyMap<Epc, Epc>): boolean {
  const passed = new Set<Epc>();
  for (let unit = parents.get(start); unit !== undefined && !passed.has(unit); unit = parents.get(unit)) {
    if (unit === start) return true;
    passed.add(unit);
  }
  return false;
}

/** Company prefixes of the EPCs that say theirs: hex and URIs. */
function prefixesIn(units: readonly { readonly sscc: string; readonly children: readonly Child[] }[]): Set<string> {
  const prefixes = new Set<string>();
  for (const { sscc, children } of units) {
    for (const given of [sscc, ...children.map(epcOf)]) {
      if (given.startsWith('(') || /^https?:/i.test(given)) continue;
      try {
        const prefix = parseEpc(given).split(':').at(-1)?.split('.')[0];
        if (prefix !== undefined) prefixes.add(prefix);
      } catch (error) {
        // It is refused with its path when its turn comes.
        if (!(error instanceof InputError)) throw error;
      }
    }
  }
  return prefixes;
}

function refusal(body: unknown, path: PropertyKey[], allowed: string): Refusal {
  return { path: dotted(path), given: toText(body, path), allowed };
}

function dotted(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) text += typeof key === 'number' ? `[${key}]` : `${text === '' ? '' : '.'}${String(key)}`;
  return text === '' ? 'the notice' : text;
}

function toText(body: unknown, path: readonly PropertyKey[]): string {
  let value = body;
  for (const key of path) value = value !== null && typeof value === 'object' ? Reflect.get(value, key) : undefined;
  const json = JSON.stringify(value);
  if (json === undefined) return 'nothing';
  return json.length > 100 ? `${json.slice(0, 100)}…` : json;
}

/** @returns ASN_INVALID */
export function invalidAsn(refusals: readonly Refusal[]): InputError {
  const [first] = refusals;
  const message = first === undefined ? 'refused' : `${first.path}: ${first.given} given; allowed: ${first.allowed}`;
  return new InputError('ASN_INVALID', `shipment notice: ${message}`, { refusals: refusals.slice(0, 20) });
}
