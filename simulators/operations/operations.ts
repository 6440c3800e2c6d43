import { encodeTag } from '../../codecs/epc/index.ts';
import type { Asn, Direction, Epc, Fact, Portal, Sighting } from '../../domain/index.ts';
import { Chance } from '../portal/random.ts';

export interface OperationsPlan {
  readonly shipments: number;
  readonly palletsEach: number;
  readonly serialsEach: number;
  readonly seed: number;
  /** Of each tag in each pass, that it is not read. */
  readonly missChance: number;
  /** Of each read, that the tag's own number is read with it. */
  readonly tidChance: number;
  /** By how much one reader's chance to miss grows until the end of the day. */
  readonly fading: number;
}

export const OPERATIONS: OperationsPlan = {
  ...{ shipments: 60, palletsEach: 3, serialsEach: 16, seed: 17, missChance: 0.01, fading: 0, tidChance: 0 },
};

/** What the truth says, by the kind of rule that should find it. */
export type TrueKind =
  | 'shortage'
  | 'noData'
  | 'wrongDirection'
  | 'wrongPortal'
  | 'expired'
  | 'clone'
  | 'dwell'
  | 'crossRead'
  | 'diversion'
  | 'badData'
  | 'tamper';

export interface Operations {
  readonly doors: readonly Portal[];
  readonly facts: readonly Fact[];
  /** By time. */
  readonly sightings: readonly Sighting[];
  /** What the loggers on the pallets see, lux: one each 10 minutes. */
  readonly light: readonly { readonly device: string; readonly at: number; readonly lux: number }[];
  /** Serials of which it is true. */
  readonly truth: ReadonlyMap<TrueKind, ReadonlySet<Epc>>;
  /** Epoch ms UTC. */
  readonly from: number;
  readonly to: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** 2026-11-22T00:00:00Z. */
const DAY = Date.UTC(2026, 10, 22);
const GTIN = '80614141123458';
const OTHER_GTIN = '00614141777778';
/** What the numbers of tags begin with, by who made them. */
const GENUINE = 'E2801160';
const COPY = 'E2806894';
const BY = 'simulator';

export function operations(plan: OperationsPlan): Operations {
  return new Day(plan).played();
}

interface Pallet {
  readonly sscc: Epc;
  readonly listed: readonly Epc[];
  /** What is really on it. */
  readonly load: Set<Epc>;
}

class Day {
  readonly #plan: OperationsPlan;
  readonly #chance: Chance;
  /** Of reads alone: what happens is the same whatever is missed. */
  readonly #reading: Chance;
  /** Of what was added later: what was there before stays as it was. */
  readonly #more: Chance;
  readonly #numbering: Chance;
  readonly #opening: Chance;
  readonly #light: Operations['light'][number][] = [];
  readonly #facts: Fact[] = [];
  readonly #sightings: Sighting[] = [];
  readonly #truth = new Map<TrueKind, Set<Epc>>();
  #vials = 0;
  #pallets = 0;
  readonly #berlin = [door('berlin-1', 'site:berlin'), door('berlin-2', 'site:berlin')] as const;
  readonly #lyon = [door('lyon-1', 'site:lyon'), door('lyon-2', 'site:lyon'), inner('lyon-cold', 'site:lyon')] as const;
  readonly #rome = [door('rome-1', 'site:rome'), door('rome-2', 'site:rome'), inner('rome-cold', 'site:rome')] as const;

  constructor(plan: OperationsPlan) {
    this.#plan = plan;
    this.#chance = new Chance(plan.seed);
    this.#reading = new Chance(plan.seed + 1);
    this.#more = new Chance(plan.seed + 2);
    this.#numbering = new Chance(plan.seed + 3);
    this.#opening = new Chance(plan.seed + 4);
  }

  played(): Operations {
    for (let number = 1; number <= this.#plan.shipments; number++) this.#ship(number);
    return {
      doors: [...this.#berlin, ...this.#lyon, ...this.#rome],
      facts: this.#facts,
      sightings: this.#sightings.sort((a, b) => a.firstSeen - b.firstSeen),
      ...{ light: this.#light, truth: this.#truth },
      ...{ from: DAY, to: DAY + 36 * HOUR_MS },
    };
  }

  #ship(number: number): void {
    const chance = this.#chance;
    const { shipments, palletsEach, serialsEach } = this.#plan;
    // Three shifts: one after the other over eighteen hours, each door for itself.
    const departs = DAY + 30 * MINUTE_MS + Math.floor(((number - 1) * 18 * HOUR_MS) / shipments);
    const [site, other] = number % 2 === 0 ? [this.#lyon, this.#rome] : [this.#rome, this.#lyon];
    const [dock, wrongDock] = number % 4 < 2 ? this.#berlin : this.#berlin.toReversed();
    const [gate, nextGate, cold] = site;
    const pallets = Array.from({ length: palletsEach }, () => this.#pallet(serialsEach));
    const [first, second, last] = [pallets[0], pallets[1], pallets.at(-1)];
    if (
      dock === undefined ||
      wrongDock === undefined ||
      first === undefined ||
      second === undefined ||
      last === undefined
    )
      return;
    const isExpiring = chance.is(0.05);
    const asn: Asn = {
      ...{ id: `SHP-${number}`, profile: '2-8C', origin: 'site:berlin', destination: gate.site, departs },
      arrives: departs + 5 * HOUR_MS,
      units: pallets.map(({ sscc, listed }) => ({
        sscc,
        children: listed,
        devices: [loggerOf(sscc)],
        from: departs - HOUR_MS,
      })),
      products: [{ gtin: GTIN, name: 'Examplumab', lot: 'A17', expiry: isExpiring ? '2026-12-01' : '2027-06-30' }],
    };
    const isWrongProduct = !isExpiring && this.#more.is(0.08);
    const wrong = { ...asn, products: asn.products.map((product) => ({ ...product, gtin: OTHER_GTIN })) };
    this.#facts.push({ type: 'asn', asn: isWrongProduct ? wrong : asn, by: BY });
    const twice = this.#more.is(0.05) ? first.listed[4] : undefined;
    if (twice !== undefined) {
      const unit = { sscc: this.#pallet(0).sscc, children: [twice], devices: [], from: departs - 3 * HOUR_MS };
      // A customer's clerk typed one serial into another notice as well.
      const typed = { ...asn, id: `SHP-${number}-B`, units: [unit], origin: other[0].site };
      this.#facts.push({ type: 'asn', asn: typed, by: BY });
      this.#true('badData', [twice]);
    }

    const short = chance.is(0.05) ? first.listed[0] : undefined;
    if (short !== undefined) {
      first.load.delete(short);
      this.#true('shortage', [short]);
    }
    if (chance.is(0.05)) {
      const extra = this.#vial();
      first.load.add(extra);
      this.#true('noData', [extra]);
    }
    const moved = chance.is(0.05) ? second.listed[1] : undefined;
    if (moved !== undefined) {
      second.load.delete(moved);
      first.load.add(moved);
      const packing = { unit: first.sscc, children: [moved], isUnpacked: false, from: departs - 30 * MINUTE_MS };
      this.#facts.push({ type: 'packing', packing, by: BY });
    }
    const isLeftBehind = chance.is(0.04);
    const isDiverted = !isLeftBehind && chance.is(0.04);
    const isThroughWrongDoor = !isLeftBehind && chance.is(0.05);
    const isBack = chance.is(0.04);
    if (isLeftBehind) this.#true('shortage', last.listed);

    let time = departs;
    for (const pallet of pallets) {
      if (pallet === last && isLeftBehind) continue;
      const isWrong = pallet === last && isThroughWrongDoor;
      const out = isWrong ? wrongDock : dock;
      if (isWrong) this.#true('wrongPortal', pallet.listed);
      this.#through(out, 'out', time, pallet);
      if (pallet === second && isBack) {
        this.#true('wrongDirection', pallet.load);
        this.#through(out, 'in', time + 90_000, pallet);
        this.#through(out, 'out', time + 180_000, pallet);
      }
      time += 4 * MINUTE_MS;
    }
    const copied = chance.is(0.05) ? second.listed[2] : undefined;
    if (copied !== undefined && second.load.has(copied)) {
      this.#true('clone', [copied]);
      this.#read(other[0], 'in', departs + 40 * MINUTE_MS, [copied], -52, COPY);
    }

    // A copy that turns up when goods could well have come there: only the tag's own number tells.
    const late = this.#more.is(0.15) ? second.listed[5] : undefined;
    if (late !== undefined && second.load.has(late)) {
      this.#true('clone', [late]);
      this.#read(other[0], 'in', departs + 12 * HOUR_MS, [late], -52, COPY);
    }
    time = departs + 5 * HOUR_MS;
    const isDwelling = chance.is(0.08);
    for (const pallet of pallets) {
      if (pallet === last && isLeftBehind) continue;
      const isOff = pallet === last && isDiverted;
      const [arriving, neighbour, store] = isOff ? other : [gate, nextGate, cold];
      if (isOff) {
        this.#true('diversion', pallet.load);
        this.#true('shortage', pallet.listed);
      }
      this.#through(arriving, 'in', time, pallet);
      if (!isOff && chance.is(0.15)) this.#spill(arriving, neighbour, time, pallet);
      const stands = pallet === second && isDwelling ? 100 : 12;
      if (stands > 60) this.#true('dwell', pallet.load);
      this.#through(store, 'in', time + stands * MINUTE_MS, pallet);
      time += 4 * MINUTE_MS;
    }
    for (const [index, pallet] of pallets.entries()) {
      const isOnTheWay = !(pallet === last && isLeftBehind);
      const isOpened = isOnTheWay && this.#opening.is(0.06);
      if (isOpened)
        this.#true(
          'tamper',
          pallet.listed.filter((epc) => pallet.load.has(epc) || epc === moved),
        );
      const dock = pallet === second && isDwelling ? 100 : 12;
      const leaves = departs + index * 4 * MINUTE_MS;
      this.#lit(pallet, { leaves: isOnTheWay ? leaves : null, arrives: leaves + 5 * HOUR_MS, dock, isOpened });
    }
    if (isWrongProduct) {
      const gone = pallets.filter((pallet) => !(pallet === last && isLeftBehind));
      for (const { load, listed } of gone)
        this.#true(
          'badData',
          listed.filter((epc) => load.has(epc) || epc === moved),
        );
    }
    if (isExpiring) {
      for (const { load, listed } of pallets)
        this.#true(
          'expired',
          listed.filter((epc) => load.has(epc) || epc === moved),
        );
      if (isLeftBehind) for (const epc of last.listed) this.#truth.get('expired')?.delete(epc);
    }
  }

  /** Lit at the docks, dark in trucks and cold rooms, but where somebody opens it on the way. */
  #lit(
    { sscc }: Pallet,
    way: {
      readonly leaves: number | null;
      readonly arrives: number;
      readonly dock: number;
      readonly isOpened: boolean;
    },
  ): void {
    const { leaves, arrives, dock, isOpened } = way;
    const from = (leaves ?? arrives - 5 * HOUR_MS) - HOUR_MS;
    const phase = Math.floor(10 * this.#opening.next());
    const opened = arrives - 3 * HOUR_MS + Math.floor(60 * this.#opening.next()) * MINUTE_MS;
    for (let at = from + phase * MINUTE_MS; at < arrives + 4 * HOUR_MS; at += 10 * MINUTE_MS) {
      const isAtDock = leaves === null || at < leaves || (at >= arrives && at < arrives + dock * MINUTE_MS);
      const isOpen = isOpened && at >= opened && at < opened + 25 * MINUTE_MS;
      this.#light.push({ device: loggerOf(sscc), at, lux: isAtDock ? 250 : isOpen ? 40 : 0 });
    }
  }

  #pallet(serials: number): Pallet {
    const listed = Array.from({ length: serials }, () => this.#vial());
    const sscc = `urn:epc:id:sscc:0614141.1${String(++this.#pallets).padStart(9, '0')}`;
    return { sscc, listed, load: new Set(listed) };
  }

  #vial(): Epc {
    return `urn:epc:id:sgtin:0614141.812345.${++this.#vials}`;
  }

  #true(kind: TrueKind, epcs: Iterable<Epc>): void {
    const known = this.#truth.get(kind) ?? new Set();
    for (const epc of epcs) known.add(epc);
    this.#truth.set(kind, known);
  }

  #through(portal: Portal, direction: Direction, at: number, { sscc, load }: Pallet): void {
    this.#read(portal, direction, at, [sscc, ...load], -50);
  }

  /** Some of its tags are read at the next door too, and of two boxes that go with it and stand in nothing. */
  #spill(through: Portal, portal: Portal, at: number, { load }: Pallet): void {
    const boxes = [this.#vial(), this.#vial()];
    this.#true('noData', boxes);
    // Nobody fetches them that day.
    this.#true('dwell', boxes);
    this.#read(through, 'in', at, boxes, -50);
    const faint = [...load].filter(() => this.#chance.is(0.2));
    if (faint.length === 0) return;
    // Mostly faint; where the field reaches far, nearly as strong as at the door that it went through.
    const dbm = Math.round(-62 + 10 * this.#more.normal());
    this.#true('crossRead', this.#read(portal, 'in', at + 1_000, [...faint, ...boxes], dbm));
  }

  /** @returns what was read */
  #read(portal: Portal, direction: Direction, at: number, epcs: readonly Epc[], rssi: number, maker = GENUINE): Epc[] {
    const { missChance, fading } = this.#plan;
    const faded = portal.id === 'lyon-1' ? (fading * (at - DAY)) / (24 * HOUR_MS) : 0;
    const read = epcs.filter(() => !this.#reading.is(Math.min(0.9, missChance + faded)));
    const sides = direction === 'in' ? (['outside', 'inside'] as const) : (['inside', 'outside'] as const);
    for (const epc of read) {
      const rssiDbm = Math.round(rssi + 3 * this.#reading.normal());
      for (const [step, side] of sides.entries()) {
        const antenna = portal.antennas.find((one) => one.side === side)?.antenna ?? 1;
        const firstSeen = at + step * 1_000;
        const tag = { epcHex: tagOf(epc), epcBits: 96, firstSeen, lastSeen: firstSeen + 900, count: 4, rssiDbm };
        const isNumbered = this.#numbering.is(this.#plan.tidChance);
        const own = isNumbered ? { tids: [tidOf(maker, epc)] } : {};
        this.#sightings.push({ reader: `${portal.id}-reader`, antenna, ...tag, ...own });
      }
    }
    return read;
  }
}

/** The logger on a pallet. */
function loggerOf(sscc: Epc): string {
  return `logger-${sscc.slice(sscc.lastIndexOf('.') + 1)}`;
}

/** From the yard to the dock. */
function door(id: string, site: string): Portal {
  return portal(id, site, { outside: `${site}/yard`, inside: dockOf(site) });
}

/** From the dock into the cold room. */
function inner(id: string, site: string): Portal {
  return portal(id, site, { outside: dockOf(site), inside: `${dockOf(site)}-cold` });
}

function dockOf(site: string): string {
  return `room:${site.slice('site:'.length)}/dock`;
}

function portal(id: string, site: string, sides: Pick<Portal, 'inside' | 'outside'>): Portal {
  const reader = `${id}-reader`;
  return {
    ...{ id, name: id, site, ...sides, triggers: [], quietMs: 5_000, capMs: 120_000 },
    antennas: [
      { reader, antenna: 1, side: 'outside' },
      { reader, antenna: 2, side: 'inside' },
    ],
  };
}

/** A number of its own for each tag. */
function tidOf(maker: string, epc: Epc): string {
  return `${maker}${Number(epc.split('.').at(-1)).toString(16).padStart(16, '0').toUpperCase()}`;
}

function tagOf(epc: Epc): string {
  const scheme = epc.startsWith('urn:epc:id:sscc:') ? 'sscc-96:0' : 'sgtin-96:1';
  return encodeTag(`urn:epc:tag:${scheme}.${epc.split(':').at(-1) ?? ''}`);
}
