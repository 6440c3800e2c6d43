/** An EPC as pure identity URI, `urn:epc:id:sgtin:0614141.812345.6789`: the one form in which the platform keeps EPCs. */
export type Epc = string;

/** Built-in storage profiles; a profile's limits come from the rules that apply to it. */
export interface Profile {
  readonly id: string;
  readonly name: string;
  /** °C; null where there is no such limit. */
  readonly min: number | null;
  readonly max: number | null;
  /** Over how long its mean kinetic temperature is taken, ms; null = over the whole journey only. */
  readonly mktWindowMs: number | null;
  /** What an excursion or hold that nobody has decided on does to its goods: they may not move on, or with a warning. */
  readonly undecided: 'stop' | 'warn';
  /** What time without data, or with suspect data, does to a proposal: it counts as out of range, or a person is asked. */
  readonly unknown: 'counted' | 'asked';
  /** Products of this value class and above need a second signer for every decision but a quarantine. */
  readonly secondSignerFrom: number;
}

const DAY_MS = 86_400_000;

/** MKT windows as USP <1079.2> has them: 24 h for controlled cold, 30 days for controlled room temperature. */
export const PROFILES: readonly Profile[] = [
  {
    id: '2-8C',
    name: 'Refrigerated, 2 to 8 °C',
    min: 2,
    max: 8,
    mktWindowMs: DAY_MS,
    undecided: 'stop',
    unknown: 'asked',
    secondSignerFrom: 4,
  },
  {
    id: '15-25C',
    name: 'Controlled room temperature, 15 to 25 °C',
    min: 15,
    max: 25,
    mktWindowMs: 30 * DAY_MS,
    undecided: 'stop',
    unknown: 'asked',
    secondSignerFrom: 4,
  },
  {
    id: 'CRT',
    name: 'Room temperature with excursions, 15 to 30 °C',
    min: 15,
    max: 30,
    mktWindowMs: 30 * DAY_MS,
    undecided: 'stop',
    unknown: 'asked',
    secondSignerFrom: 4,
  },
  {
    id: 'frozen',
    name: 'Frozen, -20 °C or colder',
    min: null,
    max: -15,
    mktWindowMs: null,
    undecided: 'stop',
    unknown: 'counted',
    secondSignerFrom: 4,
  },
  {
    id: 'ultra-cold',
    name: 'Ultra-cold, -60 °C or colder',
    min: null,
    max: -60,
    mktWindowMs: null,
    undecided: 'stop',
    unknown: 'counted',
    secondSignerFrom: 4,
  },
  {
    id: 'WHO-type-II',
    name: 'WHO type II vaccine shipment, up to 10 °C, may freeze',
    min: null,
    max: 10,
    mktWindowMs: null,
    undecided: 'stop',
    unknown: 'asked',
    secondSignerFrom: 4,
  },
  {
    id: 'WHO-type-I',
    name: 'WHO type I vaccine shipment, -0.5 to 30 °C',
    min: -0.5,
    max: 30,
    mktWindowMs: null,
    undecided: 'stop',
    unknown: 'asked',
    secondSignerFrom: 4,
  },
];

export type ShipmentState = 'created' | 'packed' | 'in transit' | 'received' | 'closed' | 'cancelled';

export interface Product {
  /** GTIN-14. */
  readonly gtin: string;
  readonly name: string;
  readonly lot: string | null;
  /** Calendar date `YYYY-MM-DD`. */
  readonly expiry: string | null;
  readonly stability?: Stability;
}

/** What a product stands, as its maker has tested it; null where the maker says nothing. */
export interface Stability {
  /** Time out of range over its whole life, ms. */
  readonly budgetMs: number | null;
  /** Over how long its mean kinetic temperature is taken, ms; else the profile's. */
  readonly mktWindowMs: number | null;
}

/** What a person registered of a product. */
export interface ProductMaster {
  /** GTIN-14. */
  readonly gtin: string;
  readonly name: string;
  /** One of {@link PROFILES}; null where nobody says. */
  readonly profile: string | null;
  readonly stability: Stability;
  /** The time constant with which it follows the air, ms (docs/rules.md, "Goods follow the air"); absent = not said. */
  readonly thermalMassMs?: number | null;
  /** What a pack is worth, from 1 (least) to 5; absent = not said. */
  readonly valueClass?: number | null;
}

/** Advance ship notice, as it comes in by `POST /api/v1/shipments`. */
export interface Asn {
  readonly id: string;
  readonly profile: string;
  readonly origin: string;
  readonly destination: string;
  /** Epoch ms UTC. */
  readonly departs: number;
  readonly arrives: number;
  /** What the way is called, such as `berlin-lyon by road`. */
  readonly lane?: string;
  /** Who carries it, by name or number, as the sender writes it. */
  readonly carrier?: string;
  readonly units: readonly AsnUnit[];
  readonly products: readonly Product[];
}

export interface Lot {
  readonly lot: string;
  /** Calendar date `YYYY-MM-DD`; null: that of the product with this lot. */
  readonly expiry: string | null;
}

export interface AsnUnit {
  /** Pure identity URI of the SSCC, or of the SGTIN where a case is known by one. */
  readonly sscc: Epc;
  readonly devices: readonly string[];
  /** Items, or units that are units of this ASN as well. */
  readonly children: readonly Epc[];
  /** Of children whose lot the notice says one by one. */
  readonly lots?: Readonly<Record<Epc, Lot>>;
  /** Time out of range that children bring along from before this shipment, ms; absent = none. */
  readonly budgetUsedMs?: Readonly<Record<Epc, number>>;
  /** Containment and attachment hold from here on, epoch ms UTC. */
  readonly from: number;
}
