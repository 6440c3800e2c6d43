import { gtinOf } from '../codecs/epc/index.ts';
import {
  type Direction,
  type DoorKind,
  type DoorRule,
  type Epc,
  type Evidence,
  expectedBy,
  goodsOfPass,
  isJudgedAtDoor,
  listedBy,
  type ManifestDoor,
  type PassOutcome,
} from '../domain/index.ts';

const DAY_MS = 86_400_000;

/** What the platform will find by a rule once it hears of the pass, as far as the gateway knows. */
export interface DoorFound {
  readonly rule: string;
  readonly version: number;
  readonly severity: DoorRule['severity'];
  readonly epcs: readonly Epc[];
}

/** A pass at a door with what it is judged by. */
export interface RuledPass {
  readonly door: ManifestDoor;
  readonly evidence: Evidence;
  readonly outcome: PassOutcome;
  /** The last day on which it is good, `YYYY-MM-DD`; null: not known. */
  readonly expiryOf: (epc: Epc) => string | null;
  /** Of an origin, when what goes there departs, epoch ms UTC. */
  readonly departs: (shipment: string) => number | null;
}

/**
 * What rules over passes find in a pass at the door (docs/rules.md, "Rules over passes"): of the kinds and as far as a gateway
 * can know. Pure.
 */
export function foundAtDoor(rules: readonly DoorRule[], pass: RuledPass): DoorFound[] {
  const goods = { evidence: pass.evidence, ...goodsOfPass(pass.evidence, pass.outcome) };
  return rules.filter(isJudgedAtDoor).flatMap((rule): DoorFound[] => {
    const { id, version, kind, severity, portals, atLeast } = rule;
    if (portals !== null && !portals.includes(pass.door.id)) return [];
    const found = JUDGES[kind as DoorKind](rule, pass).filter((epc) =>
      appliesTo(rule, epc, pass, listedBy(goods, epc)),
    );
    const epcs = [...new Set(found)].sort();
    return epcs.length < atLeast ? [] : [{ rule: id, version, severity, epcs }];
  });
}

type Judge = (rule: DoorRule, pass: RuledPass) => readonly Epc[];

const JUDGES: Readonly<Record<DoorKind, Judge>> = {
  unexpected: (_, { outcome }) => outcome.unexpectedSerials,
  blocked: (_, { outcome }) => (outcome.verdict.blocked ?? []).map(({ epc }) => epc),
  shortage: ({ when }, { outcome, evidence }) =>
    evidence.isComplete
      ? outcome.missing.filter(({ unit }) => when === 'both' || endOf(evidence, unit) === when).map(({ epc }) => epc)
      : [],
  expired: ({ remainingMs, way }, pass) =>
    pass.outcome.through.filter((epc) => {
      const expiry = pass.expiryOf(epc);
      if (expiry === null || (way !== null && directionOf(epc, pass) !== way)) return false;
      const leftMs = Date.parse(`${expiry}T00:00:00Z`) + DAY_MS - pass.evidence.pass.from;
      return leftMs <= 0 || leftMs < (remainingMs ?? 0);
    }),
  wrongDirection: ({ way }, pass) =>
    pass.outcome.moved.flatMap(({ epc, direction }) => {
      if (direction === 'unknown') return [];
      const isWrong = way === null ? isAgainstShipment(epc, direction, pass) : direction !== way;
      return isWrong ? serialsOf(pass, epc) : [];
    }),
  wrongPortal: ({ through }, pass) =>
    through === null || through.includes(pass.door.id)
      ? []
      : pass.outcome.moved.flatMap(({ epc }) => serialsOf(pass, epc)),
};

function endOf(evidence: Evidence, unit: Epc): 'departure' | 'receipt' | null {
  const [expected] = expectedBy(evidence, unit);
  if (expected === undefined) return null;
  return expected.role === 'origin' ? 'departure' : 'receipt';
}

/** As far as a gateway knows: that it had gone out before at another door of the site it does not. */
function isAgainstShipment(epc: Epc, direction: Direction, { evidence, departs }: RuledPass): boolean {
  const wanted = expectedBy(evidence, epc);
  const roles = new Set(wanted.map(({ role }) => role));
  const [first] = wanted;
  if (first === undefined || roles.size !== 1) return false;
  if (first.role === 'destination') return direction === 'out';
  const leaves = departs(first.shipment);
  return direction === 'in' && leaves !== null && evidence.pass.from >= leaves;
}

function serialsOf({ evidence }: RuledPass, epc: Epc): readonly Epc[] {
  const inside = evidence.serialsIn(epc);
  return inside.length === 0 ? [epc] : inside;
}

/** Of a serial in a unit that went through, the unit's. */
function directionOf(epc: Epc, { outcome, evidence }: RuledPass): Direction {
  const around = [epc, ...evidence.ancestors(epc)];
  return outcome.moved.find((one) => around.includes(one.epc))?.direction ?? 'unknown';
}

function appliesTo(
  { goods, unknownAt }: DoorRule,
  epc: Epc,
  { evidence, door }: RuledPass,
  chain: readonly Epc[],
): boolean {
  if (goods === null) return true;
  const expecting = chain.flatMap((one) => expectedBy(evidence, one));
  const listed = chain.flatMap((one) => evidence.expectations(one));
  const shipment = expecting[0]?.shipment ?? listed.at(-1)?.shipment;
  if (shipment === undefined) return unknownAt.includes(door.site);
  const gtin = gtinOf(epc) ?? '';
  return goods.some((one) => one.site === door.site && one.shipment === shipment && one.gtin === gtin);
}
