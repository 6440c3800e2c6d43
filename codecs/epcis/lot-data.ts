import { isCalendarDate } from '../../domain/index.ts';

/** Longest lot. GS1 General Specifications, AI (10). */
export const LOT_MOST = 20;

/** An expiry as an event gives it. */
export interface GivenExpiry {
  /** `2027-06-30`; null where the text is no date. */
  readonly date: string | null;
  /** As given, at most 64 characters. */
  readonly text: string;
}

/** What `ilmd` says of its serials, of what Isotherm acts on. */
export interface LotData {
  readonly lot: string | null;
  readonly expiry: GivenExpiry | null;
}

/** A field of `ilmd` that Isotherm acts on and cannot take. */
export interface LotDataFault {
  readonly key: string;
  readonly allowed: string;
}

/**
 * Reads lot and expiry out of instance or lot master data, whatever prefix they came under (CBV 2.0, section 9.2: both
 * are strings, the expiry an `xsd:date`). A text that is no date is kept as given: it must not pass for no expiry at all.
 */
export function lotDataOf(ilmd: unknown): LotData {
  const lot = fieldsNamed(ilmd, 'lotNumber')
    .map(({ text }) => text)
    .find((text) => text !== null && text !== '');
  const [expiry] = fieldsNamed(ilmd, 'itemExpirationDate');
  return { lot: lot ?? null, expiry: expiry === undefined ? null : expiryOf(expiry.text ?? '') };
}

/** Fields that are no text, or a lot that no pack can carry: refused, since nothing could be done with them. */
export function lotDataFaults(ilmd: unknown): LotDataFault[] {
  const faults: LotDataFault[] = [];
  for (const { key, text } of fieldsNamed(ilmd, 'lotNumber')) {
    const isLot = text !== null && text.length <= LOT_MOST;
    if (!isLot) faults.push({ key, allowed: `a lot, as text of at most ${LOT_MOST} characters (GS1, AI 10)` });
  }
  for (const { key, text } of fieldsNamed(ilmd, 'itemExpirationDate')) {
    if (text === null) faults.push({ key, allowed: 'a date, as text: 2027-06-30 (CBV 2.0, section 9.2)' });
  }
  return faults;
}

interface Field {
  readonly key: string;
  /** null: no text. */
  readonly text: string | null;
}

const CBV_NAME = /^(cbvmda:|urn:epcglobal:cbv:mda[:#])/;

/** Fields of one name, the CBV's own before those of others. */
function fieldsNamed(ilmd: unknown, name: string): Field[] {
  if (ilmd === null || typeof ilmd !== 'object') return [];
  return Object.entries(ilmd)
    .filter(([key]) => /[^:#/]*$/.exec(key)?.[0] === name)
    .sort(([a], [b]) => Number(CBV_NAME.test(b)) - Number(CBV_NAME.test(a)))
    .map(([key, value]) => ({ key, text: textOf(value) }));
}

/** Text, alone or with attributes beside it (`{"@type": "xsd:date", "@value": "2027-06-30"}`). */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value.trim();
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const inner: unknown = Reflect.get(value, '@value');
  return typeof inner === 'string' ? inner.trim() : null;
}

/** xsd:date, or xsd:dateTime, whose day is the one written. */
function expiryOf(text: string): GivenExpiry {
  const [, day = ''] =
    /^(\d{4}-\d\d-\d\d)(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  return { date: isCalendarDate(day) ? day : null, text: text.slice(0, 64) };
}
