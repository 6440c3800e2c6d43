import type { AirLimits } from './air-figures.ts';
import type { Finding, FindingChange } from './finding.ts';
import type { HeldValues } from './held-values.ts';
import type { Metric } from './metric.ts';
import type { RuleVersion } from './rule.ts';
import type { Epc } from './shipment.ts';

/**
 * The air around goods during [from, to): the least and the greatest of what the devices around them measured, null where nothing
 * is known. from = to is a reading that is not known to have held: the last one, and one before a gap. Epoch ms UTC, unit of
 * the metric.
 */
export interface AirPiece {
  readonly from: number;
  readonly to: number;
  readonly min: number | null;
  readonly max: number | null;
  /** Of the storage profile in force then. */
  readonly limits: AirLimits;
}

/** Serials that went through the same, as rules on goods judge them. */
export interface GoodsGroup {
  /** Sorted. */
  readonly epcs: readonly Epc[];
  readonly gtin: string | null;
  readonly lot: string | null;
  /** What they are in by the end; null where that is not one unit. */
  readonly unit: Epc | null;
  /** When what they are in went out at the origin, and when the last of it came in at the destination; null: as the shipment. */
  readonly way: { readonly left: number | null; readonly came: number | null };
  /** Storage profile that was in force last. */
  readonly profile: string | null;
  /** Ascending, without holes, from when they were first heard of; of temperature, and of each other metric that was asked for. */
  readonly air: ReadonlyMap<Metric, readonly AirPiece[]>;
  /** The same, as the devices on the goods and on what they are in tell it, without those of a room or truck. */
  readonly own: ReadonlyMap<Metric, readonly AirPiece[]>;
  /** Of the device with the highest, °C; null where nothing is known. */
  readonly mktDuring: (from: number, to: number) => number | null;
  /** Until when it is no gap that nothing more is heard of the air by those around it last; -Infinity where none ever told. Epoch ms UTC. */
  readonly silentAfter: number;
  /** What the product stands out of range, ms; null where nobody says. */
  readonly budgetMs: number | null;
  /** The time constant with which its product follows the air, ms; null where nobody says. */
  readonly thermalMassMs: number | null;
  /** What the latest notice that says so brings along, and since when time counts beside it; null where none does. */
  readonly carried: { readonly ms: number; readonly since: number } | null;
}

/** Something was taken out of a unit. */
export interface UnitOpening {
  readonly at: number;
  readonly unit: Epc;
  readonly epcs: ReadonlySet<Epc>;
}

/** A shipment's goods with all they went through. */
export interface ShipmentGoods {
  readonly shipment: string;
  readonly lane: string | null;
  /** From when its first unit was packed to when it was received or closed; null while it is under way. Epoch ms UTC. */
  readonly from: number;
  readonly to: number | null;
  readonly arrives: number | null;
  /** From when on its units should stay closed: when it left, else was to. */
  readonly sealed: number;
  /** When something was taken out of its units since then, with what was in them just before. */
  readonly openings: readonly UnitOpening[];
  readonly groups: readonly GoodsGroup[];
  /** Everything that told the air, so that what they measure later judges the shipment again. */
  readonly devices: readonly string[];
}

/** What a finding on goods says of one group. */
export interface FoundGroup {
  readonly epcs: readonly Epc[];
  readonly unit: Epc | null;
  readonly from: number;
  readonly to: number | null;
  /** Of its budget, or beyond the limit; null where the kind counts none. */
  readonly minutes: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly mkt: number | null;
}

/** A finding on goods with its serials. */
export interface FoundInGoods {
  readonly finding: Finding;
  readonly groups: readonly FoundGroup[];
}

/** A shipment that has to be judged again. */
export interface DueShipment {
  readonly shipment: string;
  /** How often it was marked: another mark while it is judged has it judged once more. */
  readonly marks: number;
  /** Which fact asks for it; null where readings or time do. */
  readonly reason: string | null;
}

/** What came of judging a shipment. */
export interface JudgedShipment {
  readonly due: DueShipment;
  readonly changes: readonly FindingChange[];
  /** Everything present now. */
  readonly found: readonly FoundInGoods[];
  readonly devices: readonly string[];
  readonly judgedAt: number;
  /** When time alone may change it; null = never. */
  readonly again: number | null;
}

/** Goods, for the rules that judge them. Implemented by trace/. */
export interface GoodsDesk {
  /** Shipments that are to be judged by now, the longest due first. */
  due(now: number, most: number): Promise<readonly DueShipment[]>;
  /** All rule versions on goods. */
  rules(): Promise<readonly RuleVersion[]>;
  /** @param metrics beside temperature. @returns null where nothing is known of its goods */
  goods(shipment: string, now: number, metrics: readonly Metric[]): Promise<ShipmentGoods | null>;
  /** Shipments under way at some moment of [from, to), the latest to depart first. */
  shipmentsDuring(from: number, to: number, most: number): Promise<readonly string[]>;
  /** What these rules found of it before. */
  present(shipment: string, rules: readonly string[]): Promise<readonly Finding[]>;
  /** Writes it, in one transaction. */
  settle(judged: JudgedShipment): Promise<void>;
}

/** What told the air during a stretch of a journey. */
export interface AirLeg {
  readonly from: number;
  readonly to: number;
  readonly devices: readonly string[];
  readonly limits: AirLimits;
}

/** Until when the devices around goods last are not silent: the longest of them. */
export function silentAfterOf(legs: readonly { readonly devices: readonly HeldValues[] }[]): number {
  return Math.max(Number.NEGATIVE_INFINITY, ...(legs.at(-1)?.devices ?? []).map(({ silentAfter }) => silentAfter));
}

/** The key of a finding on a shipment's goods. */
export function goodsKey(shipment: string): string {
  return `shipment:${shipment}`;
}

/** The air of a journey, piece by piece. @param legs ascending, without holes */
export function airPieces(legs: readonly AirLeg[], valuesOf: (device: string) => HeldValues): AirPiece[] {
  const pieces: AirPiece[] = [];
  for (const { from, to, devices, limits } of legs) {
    const told = devices.map((device) => [...valuesOf(device).during(from, to)]);
    const edges = [...new Set([from, to, ...told.flat().flatMap((held) => [held.from, held.to])])].sort(
      (a, b) => a - b,
    );
    const places = told.map(() => 0);
    for (const [index, at] of edges.entries()) {
      const until = edges[index + 1] ?? at;
      let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const [device, held] of told.entries()) {
        let place = places[device] ?? 0;
        for (let one = held[place]; one !== undefined && one.to <= at; one = held[place]) {
          if (one.from === at) [least, most] = [Math.min(least, one.value), Math.max(most, one.value)];
          place++;
        }
        places[device] = place;
        const one = held[place];
        if (one !== undefined && one.from <= at) [min, max] = [Math.min(min, one.value), Math.max(max, one.value)];
      }
      if (least <= most) {
        pieces.push({ from: at, to: at, min: Math.min(min, least), max: Math.max(max, most), limits });
      }
      if (at >= to) break;
      const isKnown = min <= max;
      const piece = { from: at, to: until, min: isKnown ? min : null, max: isKnown ? max : null, limits };
      const last = pieces.at(-1);
      if (last !== undefined && last.to === at && last.from < last.to && isAlike(last, piece)) {
        pieces[pieces.length - 1] = { ...last, to: until };
      } else pieces.push(piece);
    }
  }
  return pieces;
}

function isAlike(a: AirPiece, b: AirPiece): boolean {
  return a.min === b.min && a.max === b.max && a.limits.min === b.limits.min && a.limits.max === b.limits.max;
}
