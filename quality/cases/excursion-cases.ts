import type pg from 'pg';
import {
  type AlertEnds,
  BY_PLATFORM,
  type CaseEvents,
  DefectError,
  type Effects,
  serverText,
} from '../../domain/index.ts';
import { clientOf, timestamp } from '../../storage/index.ts';
import { coverOf } from './alert-cover.ts';
import { caseId } from './case.ts';
import { nextRevision, touchCase } from './case-store.ts';
import { type CaseTargets, targetOf } from './case-targets.ts';
import { carryAlerts } from './follow-up.ts';
import { type AlertSeen, changesOf, type SettledAlert, seenOf, settledAlerts } from './settled-alert.ts';

/** One open case a subject: `shipment:ID`, `place:ID`, `device:ID`. */
interface Subject {
  readonly shipment: string | null;
  readonly place: string | null;
  readonly device: string | null;
}

interface Membership {
  readonly case_number: number;
  readonly alert: number;
  readonly is_closed: boolean;
  readonly subject: string | null;
  readonly seen: AlertSeen;
  /** A person put the alert there: it stays. */
  readonly is_by_hand: boolean;
}

/** Sentences of one case, and whose serials they concern. */
interface CaseNews {
  readonly sentences: string[];
  readonly alerts: Set<number>;
}

/**
 * Alerts of a kind that can spoil goods, of devices and of rules on goods alike, open or join the case of each shipment they
 * touch, and of their place for what travels in no shipment. A merge, a split or a retraction changes what a case rests on, never its number; what comes
 * after a case was closed opens another one that follows it up. Cases are a function of the alerts that stand.
 */
export class ExcursionCases implements CaseEvents {
  readonly #targets: CaseTargets;
  readonly #ends: AlertEnds | undefined;

  /** @param ends opens alerts again that are no more what was signed of them. Default: nobody does */
  constructor(targets: CaseTargets, ends?: AlertEnds) {
    this.#targets = targets;
    this.#ends = ends;
  }

  async alertsSettled(effects: Effects, numbers: readonly number[], at: number): Promise<void> {
    if (numbers.length === 0) return;
    const client = clientOf(effects);
    const alerts = await settledAlerts(client, numbers);
    const memberships = await membershipsOf(client, numbers);
    const wanted = new Map<string, { subject: Subject; alerts: SettledAlert[] }>();
    for (const alert of alerts) {
      for (const subject of subjectsOf(alert)) {
        const entry = wanted.get(nameOf(subject)) ?? { subject, alerts: [] };
        entry.alerts.push(alert);
        wanted.set(nameOf(subject), entry);
      }
    }
    // In one order, so that two transactions never wait for each other.
    const subjects = new Set([...wanted.keys(), ...memberships.flatMap(({ subject }) => subject ?? [])]);
    for (const name of [...subjects].sort()) {
      const known = memberships.filter(({ subject }) => subject === name);
      await this.#settle(effects, { name, wanted: wanted.get(name), known, alerts, at });
    }
    await this.#review(effects, alerts, at);
  }

  /** An alert that grew beyond what was signed of it counts again. */
  async #review(effects: Effects, alerts: readonly SettledAlert[], at: number): Promise<void> {
    const ended = alerts.filter(({ ended_by_verdict }) => ended_by_verdict).map(({ number }) => number);
    if (this.#ends === undefined || ended.length === 0) return;
    const cover = await coverOf(clientOf(effects), ended);
    for (const { alert, isCovered } of cover) {
      if (isCovered) continue;
      const inCase = await caseOfAlert(clientOf(effects), alert);
      const reason = serverText('case.verdict.outgrown');
      const verdict = { case: caseId(inCase), step: 0, said: reason, reason, who: BY_PLATFORM, at };
      await this.#ends.counted(effects, [alert], verdict);
    }
  }

  /**
   * The open case in which a person judges an alert: the one it is in, or that of what it touches, else a new one. The
   * alert stays with it.
   * @param opening who opens it, and why
   * @returns its number, and whether it was opened for this
   */
  async openFor(
    effects: Effects,
    alert: number,
    opening: { readonly name: string; readonly reason: string; readonly at: number },
  ): Promise<{ readonly number: number; readonly isNew: boolean }> {
    const client = clientOf(effects);
    const [found] = await settledAlerts(client, [alert]);
    if (found === undefined) throw new DefectError('ALERT_GONE', 'an alert that was locked is gone');
    const [subject = NOWHERE] = subjectsOf({ ...found, can_spoil: true, state: 'open' });
    const { at, name, reason } = opening;
    const own = subject === NOWHERE ? { ...NOWHERE, device: found.device } : subject;
    const open = (await openCase(client, nameOf(own))) ?? (await this.#open(effects, nameOf(own), own, at));
    const sentences = [serverText('case.alert.joined', { summary: found.summary })];
    if (open.isNew) {
      const missing = serverText('case.title.missing', { device: found.device ?? found.rule });
      await client.query(
        `UPDATE cases SET opened_by = $3, reason = $4, kind = CASE WHEN $2 THEN kind ELSE 'data missing' END,
           title = CASE WHEN $2 THEN title ELSE $5 END WHERE number = $1`,
        [open.number, found.can_spoil, name, reason, missing],
      );
      sentences.unshift(serverText('case.opened.hand', { who: name, reason }));
    }
    await client.query(
      `INSERT INTO case_alerts (case_number, alert, joined_at, seen, is_by_hand) VALUES ($1, $2, $3, $4, true)
       ON CONFLICT (case_number, alert) DO UPDATE SET left_at = NULL, seen = excluded.seen, is_by_hand = true,
         is_carried = false`,
      [open.number, alert, timestamp(at), JSON.stringify(seenOf(found, own.shipment))],
    );
    await tellCase(effects, open.number, { sentences, alerts: new Set([alert]) }, at);
    return open;
  }

  async #settle(
    effects: Effects,
    {
      name,
      wanted,
      known,
      alerts,
      at,
    }: {
      readonly name: string;
      readonly wanted: { readonly subject: Subject; readonly alerts: readonly SettledAlert[] } | undefined;
      readonly known: readonly Membership[];
      readonly alerts: readonly SettledAlert[];
      readonly at: number;
    },
  ): Promise<void> {
    const client = clientOf(effects);
    const news = new Map<number, CaseNews>();
    const tell = (number: number, alert: number, sentences: readonly string[]) => {
      const entry = news.get(number) ?? { sentences: [], alerts: new Set<number>() };
      entry.sentences.push(...sentences);
      entry.alerts.add(alert);
      news.set(number, entry);
    };
    let open = await openCase(client, name);
    /** Of cases that were just opened: what opened them is their first sentence. */
    const opened = new Set<number>();
    for (const alert of wanted?.alerts ?? []) {
      const seen = seenOf(alert, wanted?.subject.shipment ?? null);
      const mine = known.filter((membership) => membership.alert === alert.number);
      let isNews = mine.length === 0;
      for (const { case_number, seen: before } of mine) {
        const sentences = changesOf(alert, before, seen);
        if (sentences.length === 0) continue;
        isNews = true;
        tell(case_number, alert.number, sentences);
        await client.query(
          'UPDATE case_alerts SET seen = $3, is_carried = false WHERE case_number = $1 AND alert = $2',
          [case_number, alert.number, JSON.stringify(seen)],
        );
      }
      // What stands as it did in a closed case opens nothing.
      if (!isNews || mine.some(({ is_closed }) => !is_closed)) continue;
      if (open === null && wanted !== undefined) {
        open = await this.#open(effects, name, wanted.subject, at);
        if (open.isNew) opened.add(open.number);
      }
      if (open === null) continue;
      await client.query(
        `INSERT INTO case_alerts (case_number, alert, joined_at, seen) VALUES ($1, $2, $3, $4)
         ON CONFLICT (case_number, alert) DO UPDATE SET left_at = NULL, seen = excluded.seen, is_carried = false`,
        [open.number, alert.number, timestamp(at), JSON.stringify(seen)],
      );
      const isFirst = opened.has(open.number) && !news.has(open.number);
      const key = isFirst ? 'case.opened.alert' : alert.split_from === null ? 'case.alert.joined' : 'case.alert.split';
      tell(open.number, alert.number, [serverText(key, { summary: alert.summary })]);
    }
    for (const { case_number, alert: number, is_by_hand } of known) {
      const alert = alerts.find((candidate) => candidate.number === number);
      if (alert === undefined || wanted?.alerts.includes(alert) === true) continue;
      if (is_by_hand && alert.state !== 'retracted') continue;
      await client.query('UPDATE case_alerts SET left_at = $3 WHERE case_number = $1 AND alert = $2', [
        ...[case_number, number, timestamp(at)],
      ]);
      tell(case_number, number, [serverText(`case.alert.${howGone(alert)}`, { summary: alert.summary })]);
    }
    for (const number of [...news.keys()].sort((a, b) => a - b)) {
      const entry = news.get(number);
      if (entry !== undefined) await tellCase(effects, number, entry, at);
    }
  }

  /** @returns the open case of the subject: a new one, or one that somebody else has just opened */
  async #open(
    effects: Effects,
    name: string,
    subject: Subject,
    at: number,
  ): Promise<{ number: number; isNew: boolean }> {
    const client = clientOf(effects);
    const { shipment, place, device } = subject;
    const title =
      shipment !== null
        ? serverText('case.title.shipment', { shipment })
        : place !== null
          ? serverText('case.title.place', { place })
          : serverText('case.title.device', { device: device ?? '' });
    for (;;) {
      const { rows } = await client.query<{ number: number; follows: number | null }>(
        `INSERT INTO cases (kind, title, subject, shipment, place, opened_at, follows, revision)
         SELECT 'excursion', $1, $2, $3, $4, $5, (SELECT max(number) FROM cases WHERE subject = $2), 0
         ON CONFLICT (subject) WHERE state <> 'closed' DO NOTHING RETURNING number, follows`,
        [title, name, shipment, place, timestamp(at)],
      );
      const [row] = rows;
      if (row !== undefined) {
        const due = at + (await targetOf(client, this.#targets, subject));
        await client.query(`INSERT INTO case_clocks (case_number, clock, due_at) VALUES ($1, 'target', $2)`, [
          ...[row.number, timestamp(due)],
        ]);
        if (row.follows !== null) await carryAlerts(effects, { from: row.follows, to: row.number }, at);
        return { number: row.number, isNew: true };
      }
      const theirs = await openCase(client, name);
      if (theirs !== null) return theirs;
    }
  }
}

/** Of an alert that touches nothing and is nowhere. */
const NOWHERE: Subject = { shipment: null, place: null, device: null };

/** The latest case that an alert is in. */
async function caseOfAlert(client: pg.ClientBase, alert: number): Promise<number> {
  const { rows } = await client.query<{ number: number }>(
    'SELECT max(case_number) AS number FROM case_alerts WHERE alert = $1 AND left_at IS NULL',
    [alert],
  );
  return rows[0]?.number ?? 0;
}

/** Another case is opened where this one is closed meanwhile: it is held until the transaction ends. */
async function openCase(client: pg.ClientBase, subject: string): Promise<{ number: number; isNew: boolean } | null> {
  const { rows } = await client.query<{ number: number }>(
    `SELECT number FROM cases WHERE subject = $1 AND state <> 'closed' FOR UPDATE`,
    [subject],
  );
  const [row] = rows;
  return row === undefined ? null : { number: row.number, isNew: false };
}

async function membershipsOf(client: pg.ClientBase, alerts: readonly number[]): Promise<readonly Membership[]> {
  const { rows } = await client.query<Membership>(
    `SELECT m.case_number, m.alert, c.state = 'closed' AS is_closed, c.subject, m.seen, m.is_by_hand
     FROM case_alerts m JOIN cases c ON c.number = m.case_number WHERE m.alert = ANY($1) AND m.left_at IS NULL`,
    [alerts],
  );
  return rows;
}

/** Brings the serials of a case to what its alerts touch now, and tells it all as one revision. */
async function tellCase(effects: Effects, number: number, { sentences, alerts }: CaseNews, at: number): Promise<void> {
  const client = clientOf(effects);
  const revision = await nextRevision(effects, number);
  const { rows: cases } = await client.query<{ is_closed: boolean; follows: number | null }>(
    `SELECT state = 'closed' AS is_closed, follows FROM cases WHERE number = $1`,
    [number],
  );
  const { is_closed: isClosed = false, follows = null } = cases[0] ?? {};
  if (isClosed) {
    // What was closed keeps its serials; the case that follows it up has those of now.
    await touchCase(effects, number, { what: sentences.join(' '), at, isEvidence: true });
    return;
  }
  const { added, removed } = await bringSerials(client, number, revision);
  await client.query(
    `UPDATE case_serials SET changed_revision = $2 WHERE case_number = $1 AND epc IN (
       SELECT s.epc FROM alert_serials s WHERE s.alert = ANY($3))`,
    [number, revision, [...alerts]],
  );
  if (revision > 1 && added > 0) sentences.push(serverText('case.serials.added', { added }));
  if (removed > 0) sentences.push(serverText('case.serials.removed', { removed }));
  if (revision === 1 && follows !== null) sentences.push(serverText('case.follows', { id: caseId(follows) }));
  await touchCase(effects, number, { what: sentences.join(' '), at, isEvidence: true });
}

/**
 * What was decided stays listed, even where no alert touches it any more. `NOT IN` looks each serial up in a hash, however
 * few the planner takes them to be; with `NOT EXISTS` a second alert on 10,000 serials compared each with each.
 */
async function bringSerials(
  client: pg.ClientBase,
  number: number,
  revision: number,
): Promise<{ readonly added: number; readonly removed: number }> {
  const { rows } = await client.query<{ added: number; removed: number }>(
    `WITH touched AS (
       SELECT DISTINCT ON (s.epc) s.epc, s.gtin, s.serial, s.lot, s.expiry, e.unit
       FROM case_alerts m JOIN cases c ON c.number = m.case_number
         JOIN alert_exposures e ON e.alert = m.alert AND e.shipment IS NOT DISTINCT FROM c.shipment
         JOIN alert_serials s ON s.alert = e.alert AND s.part = e.part
       WHERE m.case_number = $1 AND m.left_at IS NULL AND NOT m.is_carried ORDER BY s.epc, s.alert DESC, e.from_at DESC),
     gone AS (
       DELETE FROM case_serials k WHERE case_number = $1 AND is_affected AND NOT is_by_hand AND decision IS NULL
         AND k.epc NOT IN (SELECT epc FROM touched) RETURNING epc),
     left_over AS (
       UPDATE case_serials k SET is_affected = false, changed_revision = $2
       WHERE case_number = $1 AND is_affected AND NOT is_by_hand AND decision IS NOT NULL
         AND k.epc NOT IN (SELECT epc FROM touched) RETURNING epc),
     came AS (
       INSERT INTO case_serials AS k (case_number, epc, gtin, serial, lot, expiry, unit, changed_revision)
       SELECT $1, epc, gtin, serial, lot, expiry, unit, $2 FROM touched
       ON CONFLICT (case_number, epc) DO UPDATE SET is_affected = true, gtin = excluded.gtin, serial = excluded.serial,
         lot = excluded.lot, expiry = excluded.expiry, unit = excluded.unit,
         changed_revision = CASE WHEN k.is_affected THEN k.changed_revision ELSE excluded.changed_revision END
       WHERE NOT k.is_affected OR (k.gtin, k.serial, k.lot, k.expiry, k.unit)
         IS DISTINCT FROM (excluded.gtin, excluded.serial, excluded.lot, excluded.expiry, excluded.unit)
       RETURNING k.changed_revision)
     SELECT (SELECT count(*)::int FROM came WHERE changed_revision = $2) AS added,
       (SELECT count(*)::int FROM gone) + (SELECT count(*)::int FROM left_over) AS removed`,
    [number, revision],
  );
  return rows[0] ?? { added: 0, removed: 0 };
}

/** Each shipment with affected serials; the place for what travels in none, and where nothing is known to be touched. */
function subjectsOf(alert: SettledAlert): Subject[] {
  if (alert.state === 'retracted' || !alert.can_spoil) return [];
  const subjects: Subject[] = alert.shipments.map((shipment) => ({ shipment, place: null, device: null }));
  if (alert.shipments.length > 0 && !alert.has_loose) return subjects;
  if (alert.place !== null) subjects.push({ shipment: null, place: alert.place, device: null });
  // Whose goods, nobody knows: nothing to decide on. With serials there is.
  else if (alert.has_loose && alert.device !== null)
    subjects.push({ shipment: null, place: null, device: alert.device });
  return subjects;
}

function howGone({ state, merged_into, can_spoil }: SettledAlert): 'retracted' | 'merged' | 'left' | 'harmless' {
  if (state === 'retracted') return merged_into === null ? 'retracted' : 'merged';
  return can_spoil ? 'left' : 'harmless';
}

function nameOf({ shipment, place, device }: Subject): string {
  if (shipment !== null) return `shipment:${shipment}`;
  return place !== null ? `place:${place}` : `device:${device}`;
}
