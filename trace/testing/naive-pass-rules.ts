import type { Asn, DataCheck, Direction, Epc, PackingFact, PassRule, Portal } from '../../domain/index.ts';

/** A pass as it was judged in the end. */
export interface NaivePass {
  readonly portal: string;
  readonly from: number;
  readonly to: number;
  readonly direction: Direction;
  /** What was read and is no stray. */
  readonly reads: readonly Epc[];
  readonly units: readonly { readonly unit: Epc; readonly direction: Direction; readonly shipment: string | null }[];
  readonly missing: readonly { readonly epc: Epc; readonly unit: Epc; readonly shipment: string }[];
}

/** Everything that was ever said, with all doors complete and no shipment closed. */
export interface NaiveWorld {
  readonly doors: readonly Portal[];
  readonly notices: readonly Asn[];
  readonly packings: readonly PackingFact[];
  readonly passes: readonly NaivePass[];
  /** Which tag answered with an EPC when, one at a time; absent: none said. */
  readonly numbers?: readonly { readonly epc: Epc; readonly at: number; readonly tid: string }[];
  /** Shipping events, and when serials were said to be made; absent: none. */
  readonly shipped?: readonly { readonly shipment: string; readonly at: number; readonly to: string | null }[];
  readonly made?: readonly { readonly epc: Epc; readonly at: number }[];
  /** What doors read, with its signal: for what two doors read at once. */
  readonly signals?: readonly NaiveSignal[];
  readonly now: number;
}

export interface NaiveSignal {
  readonly portal: string;
  readonly at: number;
  readonly epc: Epc;
  readonly rssiDbm: number;
  readonly direction: 'in' | 'out';
}

const DAY_MS = 86_400_000;

/**
 * The naive model of docs/rules.md, "Rules over passes": each kind by going through everything that was ever said, for
 * every pass. Serials by kind, door and from.
 */
export function naiveFound(world: NaiveWorld, rule: PassRule): ReadonlyMap<string, readonly Epc[]> {
  const found = new Map<string, Epc[]>();
  for (const pass of world.passes) {
    const epcs = [...new Set(foundIn(world, rule, pass))].sort();
    if (epcs.length >= rule.atLeast) found.set(`${rule.kind}|${pass.portal}|${pass.from}`, epcs);
  }
  return found;
}

function foundIn(world: NaiveWorld, rule: PassRule, pass: NaivePass): Epc[] {
  const site = siteOf(world, pass.portal);
  const inside = (unit: Epc) => serialsIn(world, unit, pass.from);
  const serialsOf = (epc: Epc) => (inside(epc).length === 0 ? [epc] : inside(epc));
  const through = [...new Set([...pass.reads, ...pass.units.flatMap(({ unit }) => inside(unit))])];
  switch (rule.kind) {
    case 'noData':
      return pass.reads
        .filter((epc) => isSerial(epc) || inside(epc).length === 0)
        .filter((epc) => {
          return around(world, epc, pass.from).every((one) => listings(world, one).length === 0);
        });
    case 'expired':
      return through.filter(isSerial).filter((epc) => {
        const expiry = expiryOf(world, epc);
        if (expiry === null) return false;
        const left = Date.parse(`${expiry}T00:00:00Z`) + DAY_MS - pass.from;
        return left <= 0 || left < rule.remainingMs;
      });
    case 'clone': {
      const { numbers = [] } = world;
      const copied = pass.reads.filter((epc) => {
        const [own] = numbers.filter((one) => one.epc === epc && one.at === pass.from);
        const [last] = numbers.filter((one) => one.epc === epc && one.at < pass.from).toSorted((a, b) => b.at - a.at);
        if (rule.signs?.includes('tid') !== true || own === undefined || last === undefined) return false;
        const [short = '', long = ''] = [own.tid, last.tid].toSorted((a, b) => a.length - b.length);
        return long.slice(0, short.length) !== short;
      });
      const soon = pass.reads.filter((epc) => {
        const isWithUnit = pass.units.some(({ unit }) => around(world, epc, pass.from).slice(1).includes(unit));
        const names = isWithUnit ? [epc] : around(world, epc, pass.from);
        return world.passes.some((other) => {
          const isBefore = other.from < pass.from || (other.from === pass.from && other.portal < pass.portal);
          const isElsewhere = siteOf(world, other.portal) !== site;
          return (
            isBefore &&
            isElsewhere &&
            names.some((name) => other.reads.includes(name)) &&
            pass.from - other.to < rule.travelMs
          );
        });
      });
      return [...copied, ...soon];
    }
    case 'diversion':
      return [...pass.units.map(({ unit }) => unit), ...loose(world, pass)].flatMap((epc) => {
        const all = listings(world, epc);
        if (all.some((asn) => asn.origin === site || asn.destination === site)) return [];
        if (!all.some(({ departs }) => pass.from >= departs - DAY_MS)) return [];
        const hasArrived = all.some((asn) =>
          world.passes.some((other) => {
            const unit = other.units.find((one) => one.unit === epc);
            return (
              other.from < pass.from && unit?.direction === 'in' && siteOf(world, other.portal) === asn.destination
            );
          }),
        );
        return hasArrived ? [] : serialsOf(epc);
      });
    case 'wrongDirection':
      return movedIn(world, pass).flatMap(({ unit, direction }) => {
        const wanted = expecting(world, unit, site, pass.from);
        const roles = new Set(wanted.map((asn) => roleAt(asn, site)));
        const [asn] = wanted;
        if (asn === undefined || roles.size > 1) return [];
        if (roles.has('destination')) return direction === 'out' ? serialsOf(unit) : [];
        const hadLeft = passages(world, asn, site).some(
          (one) => one.unit === unit && one.direction === 'out' && one.pass.from < pass.from,
        );
        return direction === 'in' && (pass.from >= asn.departs || hadLeft) ? serialsOf(unit) : [];
      });
    case 'wrongPortal':
      return shipmentsOf(world, pass, site).flatMap((asn) => {
        const firsts = firstPassages(world, asn, site);
        const uses = (portal: string) => firsts.filter((one) => one.pass.portal === portal).length;
        const door = world.doors.find(({ id }) => uses(id) >= 2 && uses(id) * 2 > firsts.length);
        if (door === undefined || door.id === pass.portal) return [];
        return firsts.filter((one) => one.pass === pass).flatMap(({ unit }) => serialsOf(unit));
      });
    case 'shortage':
      return shipmentsOf(world, pass, site).flatMap((asn) => {
        const firsts = firstPassages(world, asn, site);
        const role = roleAt(asn, site);
        const begun = Math.min(...passages(world, asn, site).map((one) => one.pass.from));
        const isRead = (epc: Epc) =>
          world.passes.some((one) => {
            if (one.from < asn.departs - DAY_MS || !one.reads.includes(epc)) return false;
            if (siteOf(world, one.portal) === site) return one.direction !== (role === 'origin' ? 'in' : 'out');
            return role === 'origin' && one.from >= begun;
          });
        const unread = pass.missing
          .filter(
            ({ shipment, unit }) => shipment === asn.id && firsts.some((one) => one.unit === unit && one.pass === pass),
          )
          .map(({ epc }) => epc);
        const last = firsts
          .toSorted((a, b) => a.pass.from - b.pass.from || (a.pass.portal < b.pass.portal ? -1 : 1))
          .at(-1);
        const behind =
          last?.pass === pass ? asn.units.filter(({ sscc }) => !firsts.some(({ unit }) => unit === sscc)) : [];
        const short = behind.flatMap(({ sscc, children }) => (children.length === 0 ? [sscc] : children));
        return [...unread, ...short].filter((epc) => !isRead(epc));
      });
    case 'dwell':
      return movedIn(world, pass).flatMap(({ unit, direction }) => {
        if (direction === 'unknown') return [];
        const later = world.passes.filter(({ from }) => from > pass.from);
        const moves = later.filter((other) =>
          movedIn(world, other).some((one) => one.unit === unit && one.direction !== 'unknown'),
        );
        const packed = world.packings.filter(
          ({ children, isUnpacked, from }) => !isUnpacked && from > pass.from && children.includes(unit),
        );
        const listed = world.notices
          .flatMap(({ units }) => units)
          .filter(({ children, from }) => from > pass.from && children.includes(unit));
        const ends = [...moves, ...packed, ...listed].map(({ from }) => from);
        const end = ends.length === 0 ? world.now : Math.min(...ends);
        const isLong = ends.length === 0 ? end - pass.from >= rule.longerThanMs : end - pass.from > rule.longerThanMs;
        return isLong ? serialsOf(unit) : [];
      });
    case 'badData':
      return through.filter(isSerial).filter((epc) => {
        const listed = [...new Set(around(world, epc, pass.from).flatMap((one) => listings(world, one)))].filter(
          ({ departs }) => pass.from >= departs - DAY_MS,
        );
        return rule.checks.some((check) => isBad(world, check, { epc, listed, pass, site }));
      });
    case 'crossRead':
      return [...new Set((world.signals ?? []).filter((one) => isOf(pass, one)).map(({ epc }) => epc))].filter(
        (epc) => winnerOf(world, epc, pass, site) !== pass.portal,
      );
    default:
      return [];
  }
}

interface Judged {
  readonly epc: Epc;
  readonly listed: readonly Asn[];
  readonly pass: NaivePass;
  readonly site: string;
}

function isBad(world: NaiveWorld, check: DataCheck, { epc, listed, pass, site }: Judged): boolean {
  const { shipped = [], made = [] } = world;
  const shippingOf = (asn: Asn) =>
    shipped.filter(({ shipment }) => shipment === asn.id).toSorted((a, b) => a.at - b.at);
  switch (check) {
    case 'gtin': {
      const saying = listed.filter(({ products }) => products.length > 0);
      return saying.length > 0 && !saying.some(({ products }) => products.some(({ gtin }) => gtin === GTIN_OF_VIALS));
    }
    case 'gln':
      return false;
    case 'duplicate':
      return listed.some((one) =>
        listed.some((other) => one !== other && !isOnward(one, other) && !isOnward(other, one)),
      );
    case 'shipTo':
      return listed.some((asn) => {
        const [first] = shippingOf(asn).filter(({ to }) => to !== null);
        return first !== undefined && first.to !== asn.destination;
      });
    case 'order': {
      const firstMade = Math.min(...made.filter((one) => one.epc === epc).map(({ at }) => at));
      if (Number.isFinite(firstMade) && firstMade > pass.from) return true;
      const hasComeIn = movedIn(world, pass).some(
        ({ unit, direction }) => direction === 'in' && around(world, epc, pass.from).includes(unit),
      );
      return hasComeIn && listed.some((asn) => asn.destination === site && (shippingOf(asn)[0]?.at ?? 0) > pass.from);
    }
  }
}

/** Of the vials in these tests. */
const GTIN_OF_VIALS = '80614141123458';

function isOnward(one: Asn, next: Asn): boolean {
  return one.destination === next.origin && one.departs <= next.departs;
}

function isOf(pass: NaivePass, { portal, at }: NaiveSignal): boolean {
  return portal === pass.portal && at >= pass.from && at <= pass.to;
}

/** Of doors of a site that read a unit, with all that is in it, at once: the one that it went through (docs/trace.md, "Strays"). */
function winnerOf(world: NaiveWorld, epc: Epc, pass: NaivePass, site: string): string {
  const family = around(world, epc, pass.from).at(-1) ?? epc;
  const own = (world.signals ?? []).filter(
    ({ portal, at, epc: other }) =>
      siteOf(world, portal) === site &&
      Math.abs(at - pass.from) < 20_000 &&
      (around(world, other, pass.from).at(-1) ?? other) === family,
  );
  const roles = new Set(expecting(world, family, site, pass.from).map((asn) => roleAt(asn, site)));
  const way = roles.size !== 1 ? null : roles.has('destination') ? 'in' : 'out';
  const claims = [...Map.groupBy(own, ({ portal }) => portal)].map(([portal, reads]) => ({
    ...{ portal, signal: middle(reads.map(({ rssiDbm }) => rssiDbm)), reads: reads.length },
    agrees: reads.every(({ direction }) => direction === way),
  }));
  const [best] = claims.toSorted((a, b) => {
    if (Math.abs(a.signal - b.signal) >= 10) return b.signal - a.signal;
    if (a.agrees !== b.agrees) return a.agrees ? -1 : 1;
    return b.reads - a.reads || b.signal - a.signal || (a.portal < b.portal ? -1 : 1);
  });
  return best?.portal ?? pass.portal;
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half) - 1] ?? 0)) / 2;
}

function isSerial(epc: Epc): boolean {
  return epc.startsWith('urn:epc:id:sgtin:');
}

function siteOf({ doors }: NaiveWorld, portal: string): string {
  return doors.find(({ id }) => id === portal)?.site ?? '';
}

/** What it was in at a moment: the last word of notices and packings. */
function parentAt({ notices, packings }: NaiveWorld, epc: Epc, at: number): Epc | null {
  let last: { from: number; parent: Epc | null } = { from: Number.NEGATIVE_INFINITY, parent: null };
  const say = (from: number, parent: Epc | null) => {
    if (from <= at && from >= last.from) last = { from, parent };
  };
  for (const { units } of notices)
    for (const { sscc, children, from } of units) if (children.includes(epc)) say(from, sscc);
  for (const { unit, children, isUnpacked, from } of packings)
    if (children.includes(epc)) say(from, isUnpacked ? null : unit);
  return last.parent;
}

function around(world: NaiveWorld, epc: Epc, at: number): Epc[] {
  const parent = parentAt(world, epc, at);
  return parent === null ? [epc] : [epc, ...around(world, parent, at)];
}

function serialsIn(world: NaiveWorld, unit: Epc, at: number): Epc[] {
  const spoken = new Set([
    ...world.notices.flatMap(({ units }) => units.flatMap(({ children }) => children)),
    ...world.packings.flatMap(({ children }) => children),
  ]);
  return [...spoken].filter((epc) => isSerial(epc) && around(world, epc, at).slice(1).includes(unit)).sort();
}

/** Units that went through, and serials that stood in nothing. */
function movedIn(world: NaiveWorld, pass: NaivePass): { readonly unit: Epc; readonly direction: Direction }[] {
  return [...pass.units, ...loose(world, pass).map((unit) => ({ unit, direction: pass.direction }))];
}

function loose(world: NaiveWorld, { reads, from }: NaivePass): Epc[] {
  return reads.filter((epc) => isSerial(epc) && parentAt(world, epc, from) === null);
}

/** Notices that list it. */
function listings({ notices }: NaiveWorld, epc: Epc): Asn[] {
  return notices.filter(({ units }) => units.some(({ sscc, children }) => sscc === epc || children.includes(epc)));
}

function roleAt({ destination }: Asn, site: string): 'origin' | 'destination' {
  return destination === site ? 'destination' : 'origin';
}

function expecting(world: NaiveWorld, epc: Epc, site: string, at: number): Asn[] {
  return listings(world, epc)
    .filter(({ origin, destination, departs }) => (origin === site || destination === site) && at >= departs - DAY_MS)
    .toSorted((a, b) => a.departs - b.departs || (a.id < b.id ? -1 : 1));
}

/** Shipments that expect something of what was read here. */
function shipmentsOf(world: NaiveWorld, pass: NaivePass, site: string): Asn[] {
  const all = [...pass.reads, ...pass.units.map(({ unit }) => unit)].flatMap((epc) =>
    around(world, epc, pass.from).flatMap((one) => expecting(world, one, site, pass.from)),
  );
  return [...new Set(all)];
}

interface NaivePassage {
  readonly unit: Epc;
  readonly direction: Direction;
  readonly pass: NaivePass;
}

function passages(world: NaiveWorld, { units, departs }: Asn, site: string): NaivePassage[] {
  return world.passes
    .filter(({ portal, from }) => siteOf(world, portal) === site && from >= departs - DAY_MS)
    .toSorted((a, b) => a.from - b.from || (a.portal < b.portal ? -1 : 1))
    .flatMap((pass) =>
      pass.units.filter(({ unit }) => units.some(({ sscc }) => sscc === unit)).map((one) => ({ ...one, pass })),
    );
}

function firstPassages(world: NaiveWorld, asn: Asn, site: string): NaivePassage[] {
  const away = roleAt(asn, site) === 'destination' ? 'out' : 'in';
  const all = passages(world, asn, site).filter(({ direction }) => direction !== away);
  return asn.units.flatMap(({ sscc }) => all.find(({ unit }) => unit === sscc) ?? []);
}

function expiryOf({ notices }: NaiveWorld, epc: Epc): string | null {
  const [asn] = notices.filter(({ units }) => units.some(({ children }) => children.includes(epc))).toReversed();
  return asn?.products[0]?.expiry ?? null;
}
