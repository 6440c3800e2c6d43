import type { z } from 'zod';
import {
  type AffectedSerialView,
  type AlertView,
  type ASSISTANT_TOOLS,
  alertOperations,
  type CaseView,
  caseOperations,
} from '../../api/index.ts';
import type { AskInside } from '../inside.ts';

type Asked = z.output<typeof ASSISTANT_TOOLS.lots_touched.input>;

/** A question looks at no more than this, of serials but for the alert it is at; the answer says where it stopped. */
const MOST_ALERTS = 2_000;
const MOST_SERIALS = 50_000;
const MOST_CASES = 50;

interface Lot {
  readonly gtin: string | null;
  readonly lot: string | null;
  readonly serials: Set<string>;
  readonly alerts: Set<string>;
  readonly shipments: Set<string>;
  least: number | null;
  most: number | null;
  longestMinutes: number | null;
}

/**
 * "Which lots were above 8 °C last week, and who decided?": lots with serials in alerts that were going on in [from, to),
 * and the cases those alerts are evidence of.
 */
export async function lotsTouched(asked: Asked, ask: AskInside): Promise<object> {
  const { alerts, isComplete } = await alertsOf(asked, ask);
  const lots = new Map<string, Lot>();
  let serials = 0;
  let areSerialsComplete = true;
  for (const alert of alerts) {
    areSerialsComplete = serials < MOST_SERIALS;
    if (!areSerialsComplete) break;
    for await (const serial of serialsOf(alert.id, ask)) {
      serials += 1;
      if (sawIt(serial, asked)) put(lots, alert, serial);
    }
  }
  const touching = new Set([...lots.values()].flatMap((lot) => [...lot.alerts]));
  const cases = await casesOf(
    alerts.filter(({ id }) => touching.has(id)),
    ask,
  );
  return {
    lots: [...lots.values()]
      .map(({ serials, alerts, shipments, ...lot }) => ({
        ...lot,
        serials: serials.size,
        alerts: [...alerts],
        shipments: [...shipments],
        cases: cases.found.filter(({ evidence }) => evidence.some((id) => alerts.has(id))).map(({ id }) => id),
      }))
      .sort((a, b) => b.serials - a.serials),
    cases: cases.found.map(({ evidence: _, ...one }) => one),
    alertsLookedAt: alerts.length,
    isComplete: isComplete && areSerialsComplete && cases.isComplete,
    ...(!(isComplete && areSerialsComplete && cases.isComplete) && {
      note: 'there is more than one question looks at: ask for a shorter stretch',
    }),
  };
}

async function alertsOf({ from, to, metric }: Asked, ask: AskInside) {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const alerts: AlertView[] = [];
  let cursor: string | null = null;
  let seen = 0;
  do {
    const page: { readonly items: readonly AlertView[]; readonly nextCursor: string | null } = await ask(
      alertOperations.list,
      { query: { limit: 200, ...(cursor !== null && { cursor }) } },
    );
    for (const alert of page.items) {
      const isOfMetric = alert.subject.metric === undefined || alert.subject.metric === metric;
      const isThen = Date.parse(alert.from) < end && (alert.to === null || Date.parse(alert.to) >= begin);
      if (isOfMetric && isThen && alert.state !== 'retracted') alerts.push(alert);
    }
    seen += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== null && seen < MOST_ALERTS);
  return { alerts, isComplete: cursor === null };
}

async function* serialsOf(id: string, ask: AskInside): AsyncGenerator<AffectedSerialView> {
  let cursor: string | null = null;
  do {
    const page: { readonly items: readonly AffectedSerialView[]; readonly nextCursor: string | null } = await ask(
      alertOperations.serials,
      { parameters: { id }, query: { limit: 1_000, ...(cursor !== null && { cursor }) } },
    );
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

function sawIt({ min, max }: AffectedSerialView, { above, below }: Asked): boolean {
  if (above === undefined && below === undefined) return true;
  return (above !== undefined && max !== null && max > above) || (below !== undefined && min !== null && min < below);
}

function put(lots: Map<string, Lot>, alert: AlertView, serial: AffectedSerialView): void {
  const { gtin, lot, epc, min, max, minutesOutOfRange } = serial;
  const key = JSON.stringify([gtin, lot]);
  const found: Lot = lots.get(key) ?? {
    ...{ gtin, lot, serials: new Set(), alerts: new Set(), shipments: new Set() },
    ...{ least: null, most: null, longestMinutes: null },
  };
  lots.set(key, found);
  found.serials.add(epc);
  found.alerts.add(alert.id);
  for (const shipment of alert.about.shipments) found.shipments.add(shipment);
  found.least = least(found.least, min);
  found.most = most(found.most, max);
  found.longestMinutes = most(found.longestMinutes, minutesOutOfRange);
}

async function casesOf(alerts: readonly AlertView[], ask: AskInside) {
  const shipments = [...new Set(alerts.flatMap(({ about }) => about.shipments))];
  const wanted = new Set(alerts.map(({ id }) => id));
  const ids = new Set<string>();
  let isComplete = true;
  // Of goods in no shipment the case is about a place: it is found among all of them.
  const isInNone = alerts.some(({ about }) => about.shipments.length === 0);
  for (const query of isInNone ? [{}] : shipments.map((shipment) => ({ shipment }))) {
    const { items, nextCursor } = await ask(caseOperations.list, { query: { ...query, limit: MOST_CASES } });
    for (const { id } of items) ids.add(id);
    isComplete &&= nextCursor === null;
    if (ids.size > MOST_CASES) break;
  }
  isComplete &&= ids.size <= MOST_CASES;
  const found = [];
  for (const id of [...ids].slice(0, MOST_CASES)) {
    const one = await ask(caseOperations.get, { parameters: { id } });
    const evidence = one.evidence.alerts.map((alert) => alert.id);
    if (evidence.some((alert) => wanted.has(alert))) found.push({ ...decided(one), evidence });
  }
  return { found, isComplete };
}

/** What a person would say of it: what was decided of which goods, and who signed. */
function decided({ id, title, state, serials, decisions, groups }: CaseView) {
  return {
    ...{ id, title, state, serials },
    proposals: groups.map(({ name, lot, serials: count, proposal }) => ({
      group: name,
      lot,
      serials: count,
      ...proposal,
    })),
    decisions: decisions.map(({ number, disposition, serials: count, scope, reason, signatures, ...decision }) => ({
      ...{ number, disposition, serials: count, scope, reason },
      isInForce: decision.inForceSince !== null && decision.supersededBy === null,
      signatures: signatures.map(({ name, role, at, meaning }) => ({ name, role, at, meaning })),
    })),
  };
}

const least = (a: number | null, b: number | null) => (a === null || (b !== null && b < a) ? b : a);
const most = (a: number | null, b: number | null) => (a === null || (b !== null && b > a) ? b : a);
