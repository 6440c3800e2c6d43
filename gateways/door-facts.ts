import { identityOfTag, isSgtin, kindOfThing, plusTagOf } from '../codecs/epc/index.ts';
import {
  type ClearanceFinding,
  clearanceFindings,
  type DoorManifest,
  type Epc,
  type Evidence,
  type EvidencePass,
  type ExpectedShipment,
  expectationAt,
  expired,
  type GoodsReason,
  isPast,
  type ManifestDoor,
  type ManifestThing,
  type Pass,
  type PassOutcome,
  type ReadGap,
} from '../domain/index.ts';
import { type DoorFound, foundAtDoor } from './door-rules.ts';

/** Deeper than any packing; ends the walk where contradicting facts put units into each other. */
const DEEPEST = 16;
/** Status of goods out of date, which says the same as their expiry. */
const EXPIRED = 'expired';

/** What a manifest says, ready to be asked tag by tag: the evidence that the platform would load from its tables. */
export class DoorFacts {
  readonly manifest: DoorManifest;
  readonly #things = new Map<Epc, ManifestThing>();
  readonly #children = new Map<Epc, Epc[]>();
  readonly #shipments: ReadonlyMap<string, ExpectedShipment>;
  /** Digital Links of "+" tags to what they are on. */
  readonly #plusTags = new Map<string, Epc>();
  readonly #blocked = new Map<Epc, string>();
  readonly #identities = new Map<string, Epc>();

  constructor(manifest: DoorManifest) {
    this.manifest = manifest;
    this.#shipments = new Map(manifest.shipments.map((one) => [one.shipment, one]));
    for (const thing of manifest.things) {
      const { epc, inside, status } = thing;
      this.#things.set(epc, thing);
      if (status !== null) this.#blocked.set(epc, status);
      const link = plusTagOf(epc);
      if (link !== null) this.#plusTags.set(link, epc);
      if (inside === null) continue;
      const siblings = this.#children.get(inside);
      if (siblings === undefined) this.#children.set(inside, [epc]);
      else siblings.push(epc);
    }
  }

  door(portal: string): ManifestDoor | null {
    return this.manifest.doors.find(({ id }) => id === portal) ?? null;
  }

  /** The thing that a tag is on, as the platform names it. */
  readonly identify = (epcHex: string, epcBits: number): Epc => {
    const memory = `${epcHex}|${epcBits}`;
    const known = this.#identities.get(memory);
    if (known !== undefined) return known;
    const identity = identityOfTag(epcHex, epcBits);
    const name = this.#plusTags.get(identity) ?? identity;
    this.#identities.set(memory, name);
    return name;
  };

  /** Forgets tags of passes long gone. */
  forget(): void {
    this.#identities.clear();
  }

  /** What the verdict on a pass rests on, as far as a gateway knows it. */
  evidence(
    door: ManifestDoor,
    pass: Pass,
    around: {
      readonly neighbours: readonly Pass[];
      readonly isComplete: boolean;
      readonly gaps: readonly ReadGap[];
    },
  ): Evidence {
    const { neighbours, isComplete, gaps } = around;
    return {
      pass: this.#evidencePass(pass, 0),
      neighbours: neighbours.map((one, index) => this.#evidencePass(one, index + 1)),
      ancestors: (epc) => this.#ancestors(epc),
      serialsIn: (unit) => this.#serialsIn(unit),
      expectations: (epc) =>
        (this.#things.get(epc)?.shipments ?? []).flatMap((id) => {
          const shipment = this.#shipments.get(id);
          return shipment === undefined ? [] : [expectationAt(shipment, door.site, pass.from)];
        }),
      kindOf: (epc) => kindOfThing(epc, this.#children.has(epc)),
      blocked: this.#blocked,
      isComplete,
      gaps,
    };
  }

  /** What rules over passes will find of a pass, as far as a gateway is told and can know. */
  found(door: ManifestDoor, evidence: Evidence, outcome: PassOutcome): readonly DoorFound[] {
    const { rules = [] } = this.manifest;
    return foundAtDoor(rules, {
      ...{ door, evidence, outcome },
      expiryOf: (epc) => this.#things.get(epc)?.expiry ?? null,
      departs: (shipment) => this.#shipments.get(shipment)?.departs ?? null,
    });
  }

  /** The last day on which a thing was good, `YYYY-MM-DD`, where that stops it; null: it does not. */
  pastExpiry(epc: Epc, now: number): string | null {
    const { expiry = null, status = null } = this.#things.get(epc) ?? {};
    return expiry !== null && status !== EXPIRED && isPast(expiry, now) ? expiry : null;
  }

  /** What stops these things, or warns of them, at a moment by the platform's clock. */
  clearance(epcs: readonly Epc[], now: number): readonly ClearanceFinding[] {
    const state = new Map<Epc, readonly GoodsReason[]>();
    for (const epc of epcs) {
      const thing = this.#things.get(epc);
      if (thing === undefined) continue;
      const { reasons } = thing;
      const expiry = this.pastExpiry(epc, now);
      const all = expiry === null ? reasons : [...reasons, expired(expiry)];
      if (all.length > 0) state.set(epc, all);
    }
    return clearanceFindings(state);
  }

  #evidencePass({ portal, from, to, direction, directionReason, reads }: Pass, id: number): EvidencePass {
    return {
      ...{ id, portal, from, to, direction, directionReason },
      reads: reads.map((read) => ({
        epc: this.identify(read.epcHex, read.epcBits),
        ...{ count: read.count, rssiDbm: read.rssiDbm, direction: read.direction },
      })),
    };
  }

  #ancestors(epc: Epc): readonly Epc[] {
    const chain: Epc[] = [];
    let unit = this.#things.get(epc)?.inside ?? null;
    while (unit !== null && unit !== epc && !chain.includes(unit) && chain.length < DEEPEST) {
      chain.push(unit);
      unit = this.#things.get(unit)?.inside ?? null;
    }
    return chain;
  }

  /** Nested ones included; what has something in it is no serial. */
  #serialsIn(unit: Epc): readonly Epc[] {
    const serials = new Set<Epc>();
    let level = this.#children.get(unit) ?? [];
    for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
      for (const epc of level) if (isSgtin(epc) && !this.#children.has(epc)) serials.add(epc);
      level = level.flatMap((epc) => this.#children.get(epc) ?? []);
    }
    return [...serials];
  }
}
