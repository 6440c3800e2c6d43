import type pg from 'pg';
import {
  type DeviceContext,
  type Facts,
  isPassRule,
  type PassRule,
  type Place,
  type Portal,
  type RuleVersion,
} from '../../domain/index.ts';
import type { Queries } from '../client.ts';

/** A rule on passes in one of its versions. */
export interface PassRuleVersion extends RuleVersion {
  readonly rule: PassRule;
  /** Whether it applies to goods of which this is known. */
  readonly applies: (context: DeviceContext) => boolean;
}

/** Compiles an `appliesTo`. Handed in: how expressions are read is for rules/. */
export type CompileApplies = (expression: string) => PassRuleVersion['applies'];

/** Places, portals and rules as the tracer holds them in memory: the tables and facts are the truth. */
export class Registry {
  readonly portals = new Map<string, Portal>();
  readonly #rules = new Map<string, PassRuleVersion[]>();
  readonly #compile: CompileApplies;

  private constructor(compile: CompileApplies) {
    this.#compile = compile;
  }

  /** @param defaults versions that hold until the installation has a version of that rule of its own */
  static async load(
    client: Queries,
    facts: Facts,
    defaults: readonly RuleVersion[],
    compile: CompileApplies,
  ): Promise<Registry> {
    const registry = new Registry(compile);
    for (const portal of await portalsIn(client)) registry.portals.set(portal.id, portal);
    for (const version of defaults) registry.addRule(version);
    for (const { fact } of await facts.all(['rule'])) if (fact.type === 'rule') registry.addRule(fact.version);
    return registry;
  }

  /** A later fact about the same version replaces it. @returns whether it is of a kind the tracer judges by */
  addRule(version: RuleVersion): boolean {
    const { rule } = version;
    const known = this.#rules.get(rule.id) ?? [];
    const others = known.filter((one) => one.version !== version.version);
    if (isPassRule(rule)) {
      this.#rules.set(rule.id, [...others, { ...version, rule, applies: this.#appliesOf(rule) }]);
      return true;
    }
    // It judges readings from this version on: what it was ends there.
    const [last] = others.toSorted((a, b) => b.version - a.version);
    if (last === undefined) return false;
    this.#rules.set(rule.id, [...others, { ...version, rule: last.rule, applies: last.applies, isRemoved: true }]);
    return true;
  }

  #appliesOf({ appliesTo }: PassRule): PassRuleVersion['applies'] {
    return appliesTo === undefined ? () => true : this.#compile(appliesTo);
  }

  /** Whether any version of any rule is of one of these kinds: what they alone ask about need not be looked up else. */
  judges(...kinds: readonly PassRule['kind'][]): boolean {
    return [...this.#rules.values()].some((versions) => versions.some(({ rule }) => kinds.includes(rule.kind)));
  }

  /** The greatest figure of its rules: how far one pass reaches to another. 0 where there is none. */
  most(figure: (rule: PassRule) => number): number {
    return Math.max(0, ...[...this.#rules.values()].flat().map(({ rule }) => figure(rule)));
  }

  /** The version of each rule on passes in force at an event time; a version with a later start leaves earlier passes alone. */
  rulesAt(at: number): PassRuleVersion[] {
    return this.#lastAt(at).filter(({ isRemoved }) => isRemoved !== true);
  }

  #lastAt(at: number): PassRuleVersion[] {
    return [...this.#rules.values()].flatMap((versions) => {
      const begun = versions.filter(({ effectiveFrom }) => (effectiveFrom ?? Number.NEGATIVE_INFINITY) <= at);
      return begun.sort((a, b) => effective(a) - effective(b) || a.version - b.version).slice(-1);
    });
  }

  /** As {@link rulesAt}, with those that are switched off at that time. */
  rulesWithThoseOff(at: number): PassRuleVersion[] {
    return this.#lastAt(at);
  }

  /** Portals that an antenna or a trigger port of this reader belongs to. */
  portalsOf(reader: string): Portal[] {
    return [...this.portals.values()].filter(
      ({ antennas, triggers }) =>
        antennas.some((antenna) => antenna.reader === reader) ||
        triggers.some((port) => port.slice(0, port.lastIndexOf('/')) === reader),
    );
  }

  /** The other portals of a portal's site. */
  neighboursOf(portal: Portal): Portal[] {
    return [...this.portals.values()].filter(({ id, site }) => site === portal.site && id !== portal.id);
  }
}

/** Readers whose completeness a portal's verdict waits for. */
export function readersOf(portal: Portal): string[] {
  return [...new Set(portal.antennas.map(({ reader }) => reader))];
}

/** The later log position wins. @returns GLNs that it gained or lost, and whether its clocks show another time now */
export async function keepPlace(
  client: pg.ClientBase,
  place: Place,
  position: number,
): Promise<{ readonly glns: string[]; readonly isZoneChanged: boolean }> {
  const { rows } = await client.query<{ gln: string | null; zone: string }>(
    'SELECT gln, zone FROM places WHERE id = $1',
    [place.id],
  );
  await client.query(
    `INSERT INTO places AS p (id, kind, name, parent, zone, gln, comment_required, position)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, parent = excluded.parent,
       zone = excluded.zone, gln = excluded.gln, comment_required = excluded.comment_required,
       position = excluded.position WHERE p.position <= excluded.position`,
    [
      ...[place.id, place.kind, place.name, place.parent, place.zone, place.gln ?? null],
      ...[place.commentRequired ?? false, position],
    ],
  );
  const before = rows[0]?.gln ?? null;
  const after = place.gln ?? null;
  return {
    glns: before === after ? [] : [before, after].filter((gln) => gln !== null),
    isZoneChanged: rows[0]?.zone !== place.zone,
  };
}

/** The later log position wins. @returns whether this one stands now */
export async function keepPortal(client: pg.ClientBase, portal: Portal, position: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO portals AS p (id, name, inside, outside, site, antennas, triggers, quiet_ms, cap_ms, position)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, inside = excluded.inside, outside = excluded.outside,
       site = excluded.site, antennas = excluded.antennas, triggers = excluded.triggers, quiet_ms = excluded.quiet_ms,
       cap_ms = excluded.cap_ms, position = excluded.position WHERE p.position <= excluded.position`,
    [
      ...[portal.id, portal.name, portal.inside, portal.outside, portal.site],
      ...[JSON.stringify(portal.antennas), JSON.stringify(portal.triggers), portal.quietMs, portal.capMs, position],
    ],
  );
  return rowCount === 1;
}

async function portalsIn(client: Queries): Promise<Portal[]> {
  const { rows } = await client.query<Portal & { readonly id: string }>(
    `SELECT ${PORTAL_COLUMNS} FROM portals ORDER BY id`,
  );
  return rows;
}

/** As a {@link Portal}. */
export const PORTAL_COLUMNS =
  'id, name, inside, outside, site, antennas, triggers, quiet_ms AS "quietMs", cap_ms AS "capMs"';

function effective({ effectiveFrom }: RuleVersion): number {
  return effectiveFrom ?? Number.NEGATIVE_INFINITY;
}
