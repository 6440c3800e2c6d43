import type { ScannedUnit } from './scanned-lines.ts';

/** What a person says of a product in the form; empty = nothing. */
export interface ProductWords {
  readonly name: string;
  /** Of those serials whose line does not say it. */
  readonly lot: string;
  readonly expiry: string;
}

export interface NoticeFields {
  readonly id: string;
  readonly profile: string;
  readonly origin: string;
  readonly destination: string;
  /** Epoch ms. */
  readonly departs: number;
  readonly arrives: number;
  readonly packed: number | null;
  readonly lane: string;
  readonly carrier?: string;
  readonly units: readonly ScannedUnit[];
  readonly products: ReadonlyMap<string, ProductWords>;
}

/** The notice that a filled form makes (`POST /api/v1/shipments`). */
export function noticeBody({ units, products: words, packed, lane, carrier = '', ...fields }: NoticeFields): object {
  const products = new Map<string, { gtin: string; name: string; lot: string | null; expiry: string | null }>();
  const childOf = ({ code, gtin, ...own }: ScannedUnit['serials'][number]) => {
    const said = words.get(gtin);
    const lot = own.lot ?? orNull(said?.lot);
    const expiry = own.expiry ?? (own.lot === null ? orNull(said?.expiry) : null);
    const name = orNull(said?.name) ?? gtin;
    products.set(`${gtin}|${lot}|${expiry}`, { gtin, name, lot, expiry });
    if (lot === null) return code;
    return { epc: code, lot, ...(expiry === null ? {} : { expiry }) };
  };
  const listed = units.map(({ code, devices, serials }) => ({
    ...{ sscc: code, devices, from: packed ?? fields.departs },
    children: serials.map(childOf),
  }));
  return {
    ...fields,
    ...(lane.trim() === '' ? {} : { lane: lane.trim() }),
    ...(carrier.trim() === '' ? {} : { carrier: carrier.trim() }),
    units: listed,
    products: [...products.values()],
  };
}

function orNull(text: string | undefined): string | null {
  const given = text?.trim() ?? '';
  return given === '' ? null : given;
}

/** Which line of the list a path of the notice came from; null where it is none of it. */
export function lineOfPath(path: string, units: readonly ScannedUnit[]): number | null {
  const [, index, child] = /^units\[(\d+)\](?:\.children\[(\d+)\])?/.exec(path) ?? [];
  const unit = index === undefined ? undefined : units[Number(index)];
  if (unit === undefined) return null;
  return child === undefined ? unit.line : (unit.serials[Number(child)]?.line ?? unit.line);
}
