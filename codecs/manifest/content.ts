import { z } from 'zod';
import {
  type DoorManifest,
  type DoorRule,
  type GoodsReason,
  InputError,
  type ManifestThing,
  PASS_KINDS,
  SEVERITIES,
} from '../../domain/index.ts';

/*
 * A manifest as JSON: things in columns, what repeats in dictionaries, so that 100,000 serials are a few hundred
 * kilobytes when packed.
 */

const count = z.number().int().min(0);
const indexOrNone = z.number().int().min(-1);
const text = z.string();
const reasonSchema = z.object({
  finding: z.enum([
    ...['decommissioned', 'recalled', 'stolen', 'quarantined', 'rejected', 'expired'],
    ...['expiry unreadable', 'excursion', 'on hold'],
  ] as [GoodsReason['finding'], ...GoodsReason['finding'][]]),
  reason: text,
  /** By key and values, for the language of the site; a platform of another version sends none. */
  words: z.object({ key: text, values: z.record(text, z.union([text, z.number()])) }).optional(),
  stops: z.boolean(),
});

const way = z.enum(['in', 'out']);
const ruleSchema = z.object({
  ...{ id: text, version: count, kind: z.enum(PASS_KINDS), severity: z.enum(SEVERITIES), isOff: z.boolean() },
  ...{ atLeast: count, portals: z.array(text).nullable(), appliesTo: text.nullable() },
  goods: z.array(z.object({ site: text, shipment: text, gtin: text })).nullable(),
  ...{ unknownAt: z.array(text), remainingMs: count.nullable(), way: way.nullable() },
  ...{ through: z.array(text).nullable(), when: z.enum(['departure', 'receipt', 'both']).nullable() },
});

const contentSchema = z.object({
  gateway: text,
  version: count.min(1),
  madeAt: count,
  completeUntil: count,
  doors: z.array(
    z.object({
      ...{ id: text, site: text, triggers: z.array(text), quietMs: count.min(1), capMs: count.min(1) },
      antennas: z.array(z.object({ reader: text, antenna: count, side: z.enum(['inside', 'outside']).nullable() })),
    }),
  ),
  shipments: z.array(
    z.object({
      ...{ shipment: text, origin: text, destination: text },
      ...{ departs: z.number().int(), closedAt: z.number().int().nullable() },
    }),
  ),
  rules: z.array(ruleSchema).optional(),
  left: z.object({ shipments: count, things: count }).nullable(),
  /** Dictionaries. */
  lists: z.array(z.array(count)),
  expiries: z.array(text),
  statuses: z.array(text),
  reasons: z.array(reasonSchema),
  /** Columns: a thing each; -1 = none, else an index into things or a dictionary. */
  epcs: z.array(text),
  inside: z.array(indexOrNone),
  listed: z.array(count),
  expiry: z.array(indexOrNone),
  /** Of the few that have one: thing, index. */
  status: z.array(z.tuple([count, count])),
  stops: z.array(z.tuple([count, count])),
});

export const confirmationSchema = z.object({ gateway: text, version: count.min(1), at: count });

type Content = z.output<typeof contentSchema>;

/** What of a manifest stands in its body. */
export function contentOf({ things, shipments, rules, ...manifest }: DoorManifest): Content {
  const indexOfThing = new Map(things.map(({ epc }, index) => [epc, index]));
  const indexOfShipment = new Map(shipments.map(({ shipment }, index) => [shipment, index]));
  const lists = new Dictionary<number[]>();
  const expiries = new Dictionary<string>();
  const statuses = new Dictionary<string>();
  const reasons = new Dictionary<GoodsReason>();
  const indexes = (ids: readonly string[]) => ids.flatMap((id) => indexOfShipment.get(id) ?? []);
  return {
    ...manifest,
    doors: manifest.doors.map(({ antennas, triggers, ...door }) => ({
      ...{ ...door, triggers: [...triggers] },
      antennas: antennas.map(({ reader, antenna, side }) => ({ reader, antenna, side })),
    })),
    shipments: [...shipments],
    ...(rules !== undefined && { rules: rules.map((rule) => ({ ...rule, ...listsOf(rule) })) }),
    epcs: things.map(({ epc }) => epc),
    inside: things.map(({ inside }) => (inside === null ? -1 : (indexOfThing.get(inside) ?? -1))),
    listed: things.map((thing) => lists.indexOf(indexes(thing.shipments))),
    expiry: things.map(({ expiry }) => (expiry === null ? -1 : expiries.indexOf(expiry))),
    status: things.flatMap(({ status }, index) =>
      status === null ? [] : [[index, statuses.indexOf(status)] satisfies [number, number]],
    ),
    stops: things.flatMap((thing, index) =>
      thing.reasons.map((reason): [number, number] => [index, reasons.indexOf(reason)]),
    ),
    ...{ lists: lists.values, expiries: expiries.values, statuses: statuses.values, reasons: reasons.values },
  };
}

/** @throws {InputError} MANIFEST_MALFORMED */
export function manifestOf(body: unknown): DoorManifest {
  const parsed = contentSchema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw new InputError('MANIFEST_MALFORMED', `the door manifest cannot be read: ${where}: ${issue?.message}`);
  }
  const { lists, expiries, statuses, reasons, ...columns } = parsed.data;
  const { epcs, inside, listed, expiry, status, stops, shipments, rules, ...manifest } = columns;
  const statusOf = new Map(status);
  const reasonsOf = new Map<number, GoodsReason[]>();
  for (const [thing, index] of stops) {
    const reason = reasons[index];
    if (reason !== undefined) reasonsOf.set(thing, [...(reasonsOf.get(thing) ?? []), reason]);
  }
  const things = epcs.map((epc, index): ManifestThing => {
    const list = lists[listed[index] ?? -1] ?? [];
    return {
      epc,
      inside: epcs[inside[index] ?? -1] ?? null,
      shipments: list.flatMap((one) => shipments[one]?.shipment ?? []),
      expiry: expiries[expiry[index] ?? -1] ?? null,
      status: statuses[statusOf.get(index) ?? -1] ?? null,
      reasons: reasonsOf.get(index) ?? [],
    };
  });
  return { ...manifest, shipments, things, ...(rules !== undefined && { rules }) };
}

/** Its lists as ones of its own. */
function listsOf({ portals, goods, unknownAt, through }: DoorRule) {
  return {
    ...{ portals: portals && [...portals], goods: goods && [...goods] },
    ...{ unknownAt: [...unknownAt], through: through && [...through] },
  };
}

/** Values that repeat, each once. */
class Dictionary<T> {
  readonly values: T[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(value: T): number {
    const key = JSON.stringify(value);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    const index = this.values.push(value) - 1;
    this.#indexes.set(key, index);
    return index;
  }
}
