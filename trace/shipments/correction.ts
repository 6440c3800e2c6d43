import { parseEpc } from '../../codecs/epc/index.ts';
import {
  type Asn,
  type AsnUnit,
  type Epc,
  formatDuration,
  InputError,
  type NoticeCorrection,
  type Product,
} from '../../domain/index.ts';
import { invalidAsn, type Refusal, readAsn } from './asn.ts';
import { type NoticeRecord, prefixOf } from './notice.ts';

/** What a person changes of a notice; what is absent stays. Values as a notice has them, unchecked. */
export interface NoticeChanges {
  readonly profile?: string | undefined;
  readonly origin?: string | undefined;
  readonly destination?: string | undefined;
  readonly departs?: unknown;
  readonly arrives?: unknown;
  readonly lane?: string | null | undefined;
  readonly carrier?: string | null | undefined;
  readonly products?: readonly unknown[] | undefined;
  /** Units as a notice has them: of one that is listed the children are added. */
  readonly add?:
    | readonly { readonly sscc: string; readonly from?: unknown; readonly children?: readonly unknown[] }[]
    | undefined;
  /** Serials and units, EPCs in any form. A unit goes with what is in it. */
  readonly remove?: readonly string[] | undefined;
}

/** Listed by name in the audit trail; more are counted. */
const MOST_NAMED = 100;

/**
 * A notice with changes worked in, checked whole as any notice is, and what differs.
 *
 * @throws {InputError} ASN_INVALID with what is wrong; NOT_LISTED something is to be removed that is not in it
 * @returns null where nothing differs
 */
export function correctedNotice(
  { asn: before }: NoticeRecord,
  changes: NoticeChanges,
  { reason, companyPrefixes, now }: { reason: string; companyPrefixes: Iterable<string>; now: number },
): { readonly asn: Asn; readonly correction: NoticeCorrection } | null {
  const known = new Set(companyPrefixes);
  for (const epc of epcsOf(before.units)) known.add(prefixOf(epc));
  const options = { companyPrefixes: known };
  const { profile, origin, destination, departs, arrives, lane, carrier, products } = changes;
  const body = {
    id: before.id,
    profile: profile ?? before.profile,
    origin: origin ?? before.origin,
    destination: destination ?? before.destination,
    departs: departs ?? before.departs,
    arrives: arrives ?? before.arrives ?? undefined,
    ...named('lane', lane === undefined ? before.lane : lane),
    ...named('carrier', carrier === undefined ? before.carrier : carrier),
    units: unitsWith(before.units, changes, { ...options, now }),
    products: products ?? before.products.map(productBody),
  };
  const { asn, refusals } = readAsn(body, options);
  if (asn === null) throw invalidAsn(refusals);
  const differing = differenceOf(before, asn);
  return differing === null ? null : { asn, correction: { reason, ...differing } };
}

interface UnitBody {
  readonly sscc: string;
  readonly devices: readonly unknown[];
  readonly children: readonly unknown[];
  readonly from: unknown;
}

function unitsWith(
  before: readonly AsnUnit[],
  { add = [], remove = [] }: NoticeChanges,
  options: { companyPrefixes: ReadonlySet<string>; now: number },
): UnitBody[] {
  const gone = removed(before, remove, options);
  const units = before.filter(({ sscc }) => !gone.has(sscc)).map((unit): UnitBody => ({ ...unitBody(unit, gone) }));
  for (const { children = [], from, ...unit } of add) {
    const sscc = read(unit.sscc, options) ?? unit.sscc;
    const at = units.findIndex((one) => one.sscc === sscc);
    const same = units[at];
    if (same === undefined) units.push({ devices: [], ...unit, sscc, from: from ?? options.now, children });
    else units[at] = { ...same, children: [...same.children, ...children] };
  }
  return units;
}

/** @throws {InputError} NOT_LISTED, ASN_INVALID */
function removed(
  before: readonly AsnUnit[],
  remove: readonly string[],
  options: { companyPrefixes: ReadonlySet<string> },
): ReadonlySet<Epc> {
  const listed = new Set(epcsOf(before));
  const gone = new Set<Epc>();
  const refusals: Refusal[] = [];
  for (const [index, given] of remove.entries()) {
    const epc = read(given, options);
    if (epc !== null && listed.has(epc)) gone.add(epc);
    else refusals.push({ path: `remove[${index}]`, given, allowed: 'a serial or unit that the shipment lists' });
  }
  const [first] = refusals;
  if (first !== undefined) {
    const message = `${first.path}: ${first.given} is not listed; allowed: ${first.allowed}`;
    throw new InputError('NOT_LISTED', message, { refusals: refusals.slice(0, 20) });
  }
  // What is in a unit that goes, goes with it.
  for (let more = true; more; ) {
    more = false;
    for (const { sscc, children } of before) {
      if (!gone.has(sscc)) continue;
      for (const child of children) {
        if (gone.has(child)) continue;
        gone.add(child);
        more = true;
      }
    }
  }
  return gone;
}

/** null where it is none: it is refused with its path when the notice is read. */
function read(given: string, options: { companyPrefixes: ReadonlySet<string> }): Epc | null {
  try {
    return parseEpc(given, options);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

function unitBody({ sscc, devices, children, lots, budgetUsedMs, from }: AsnUnit, gone: ReadonlySet<Epc>): UnitBody {
  const stay = children.filter((epc) => !gone.has(epc));
  return {
    ...{ sscc, devices, from },
    children: stay.map((epc) => {
      const lot = lots?.[epc];
      const used = budgetUsedMs?.[epc];
      if (lot === undefined && used === undefined) return epc;
      return {
        epc,
        ...(lot === undefined ? {} : { lot: lot.lot, ...(lot.expiry === null ? {} : { expiry: lot.expiry }) }),
        ...(used === undefined ? {} : { budgetUsed: formatDuration(used) }),
      };
    }),
  };
}

function productBody({ gtin, name, lot, expiry, stability }: Product): unknown {
  if (stability === undefined) return { gtin, name, lot, expiry };
  const { budgetMs, mktWindowMs } = stability;
  return {
    ...{ gtin, name, lot, expiry },
    stability: {
      ...(budgetMs === null ? {} : { budget: formatDuration(budgetMs) }),
      ...(mktWindowMs === null ? {} : { mktWindow: formatDuration(mktWindowMs) }),
    },
  };
}

function named(field: 'lane' | 'carrier', text: string | null | undefined): Readonly<Record<string, string>> {
  return text == null || text === '' ? {} : { [field]: text };
}

function epcsOf(units: readonly AsnUnit[]): Epc[] {
  return units.flatMap(({ sscc, children }) => [sscc, ...children]);
}

const HEAD = ['profile', 'origin', 'destination', 'departs', 'arrives', 'lane', 'carrier'] as const;

function differenceOf(before: NoticeRecord['asn'], after: Asn): Pick<NoticeCorrection, 'old' | 'new'> | null {
  const [was, is]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}];
  for (const name of HEAD) {
    if ((before[name] ?? null) === (after[name] ?? null)) continue;
    was[name] = shown(before[name]);
    is[name] = shown(after[name]);
  }
  if (JSON.stringify(before.products) !== JSON.stringify(after.products)) {
    was.products = before.products;
    is.products = after.products;
  }
  const [had, has] = [new Set(epcsOf(before.units)), new Set(epcsOf(after.units))];
  const gone = [...had].filter((epc) => !has.has(epc));
  const come = [...has].filter((epc) => !had.has(epc));
  if (gone.length > 0) was.listed = listOf(gone);
  if (come.length > 0) is.listed = listOf(come);
  return Object.keys(was).length + Object.keys(is).length === 0 ? null : { old: was, new: is };
}

function listOf(epcs: readonly Epc[]): unknown {
  return { count: epcs.length, epcs: epcs.slice(0, MOST_NAMED) };
}

function shown(value: string | number | null | undefined): unknown {
  return typeof value === 'number' ? new Date(value).toISOString() : (value ?? null);
}
