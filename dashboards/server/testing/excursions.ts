// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { systemTime } from '../../../domain/index.ts';
import { PATIENCE_MS } from '../../../tests/testing/bounds.ts';
import type { Installation } from './installation.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
export const PASSWORD = 'a few odd words';
export const iso = (at: number) => new Date(at).toISOString();
const GTIN = '80614141123458';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly cookie: string;
}

export interface Lot {
  readonly id: string;
  readonly shipment: string;
  readonly number: number;
  readonly serials: readonly string[];
  readonly device: string;
  readonly alert: string;
  /** Ids, the earliest first. */
  readonly alerts: readonly string[];
}

/** Shipments that were too warm, with their cases, and people who decide on them by what a browser asks. */
export function excursionsOf(house: Installation) {
  async function ask(method: string, path: string, body?: unknown, cookie = '', base = house.url): Promise<Answer> {
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    return { status: response.status, body: answer, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' };
  }

  let people = 0;
  /** Somebody of a role, signed in. */
  async function person(role = 'quality'): Promise<{ name: string; cookie: string }> {
    const name = `${role}-${++people}`;
    await house.accounts.users.create({ name, role, password: PASSWORD });
    return { name, cookie: (await ask('POST', '/session', { username: name, password: PASSWORD })).cookie };
  }

  let shipments = 0;

  /**
   * A shipment whose logger was too warm, with its case.
   * @param also a company prefix and item reference of which one pack is with them: a group of its own
   * @param spells when and how long, minutes before NOW; default: for 40 min two hours ago
   */
  async function excursion({
    gtin = '812345',
    count = 3,
    also = '',
    isTold = true,
    spells = [{ ago: 120, minutes: 40 }],
  } = {}): Promise<Lot> {
    const number = ++shipments;
    const device = `logger-${number}`;
    const sscc = `urn:epc:id:sscc:0614141.1${String(number).padStart(9, '0')}`;
    const serials = Array.from({ length: count }, (_, i) => `urn:epc:id:sgtin:0614141.${gtin}.${number * 1000 + i}`);
    if (also !== '') serials.push(`urn:epc:id:sgtin:0614141.${also}.${number * 1000}`);
    const shipment = `SHP-${number}`;
    await house.ask('logistics', 'POST', '/shipments', {
      ...{ id: shipment, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
      ...{ departs: iso(NOW - 5 * HOUR), arrives: iso(NOW + HOUR) },
      units: [{ sscc, devices: [device], children: serials, from: iso(NOW - 5 * HOUR) }],
      products: [],
    });
    const runs = spells.map(({ ago, minutes }) => ({ from: NOW - ago * MINUTE, to: NOW - (ago - minutes) * MINUTE }));
    const readings = Array.from({ length: 61 }, (_, i): [number, number] => {
      const at = NOW - 5 * HOUR + i * 5 * MINUTE;
      return [at, runs.some(({ from, to }) => at >= from && at < to) ? 9.1 : 5];
    });
    await house.measure(device, readings);
    for (const { from, to } of runs) {
      const minutesOutOfRange = (to - from) / MINUTE;
      await house.find({
        ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: `${device}/temperature` },
        ...{ from, to, endedBy: 'recovery', extreme: 9.1, readings: minutesOutOfRange / 5, minutesOutOfRange },
        ...{ runs: [{ from, to }], limit: 8, detectedAt: NOW, detectedLate: false },
      });
    }
    const alerts = await until(`${runs.length} alerts of ${device}`, async () => {
      const { rows } = await house.database.query<{ id: string }>(
        `SELECT a.id FROM alerts a WHERE device = $1
           AND (SELECT count(*) FROM alert_serials s WHERE s.alert = a.number) = $2 ORDER BY from_at`,
        [device, serials.length],
      );
      return rows.length === runs.length ? rows.map(({ id }) => id) : undefined;
    });
    const [alert = ''] = alerts;
    const id = isTold ? await caseOf(shipment, alert) : '';
    return { id, shipment, number, serials, device, alert, alerts };
  }

  async function caseOf(shipment: string, alert: string): Promise<string> {
    const { rows } = await house.database.query<{ number: number }>('SELECT number FROM cases WHERE shipment = $1', [
      shipment,
    ]);
    if (rows[0] !== undefined) return `C-${String(rows[0].number).padStart(6, '0')}`;
    const made = await house.database.query<{ number: number }>(
      `WITH made AS (INSERT INTO cases (kind, title, subject, shipment, opened_at) VALUES ('excursion', 'too warm', $1, $2, now())
         RETURNING number), alerted AS (INSERT INTO case_alerts (case_number, alert, joined_at, seen)
           SELECT made.number, a.number, now(), '{}' FROM made, alerts a WHERE a.id = $3)
       INSERT INTO case_serials (case_number, epc, gtin, serial, lot, changed_revision)
       SELECT made.number, s.epc, s.gtin, s.serial, s.lot, 1 FROM made, alert_serials s JOIN alerts a ON a.number = s.alert
       WHERE a.id = $3 RETURNING case_number AS number`,
      [`shipment:${shipment}`, shipment, alert],
    );
    return `C-${String(made.rows[0]?.number).padStart(6, '0')}`;
  }

  async function until<T>(what: string, work: () => Promise<T | undefined>): Promise<T> {
    for (const end = systemTime.now() + PATIENCE_MS; systemTime.now() < end; ) {
      const found = await work();
      if (found !== undefined) return found;
      await systemTime.sleep(what, 25);
    }
    throw new Error(`waited ${PATIENCE_MS / 1_000} s for ${what}`);
  }

  async function revisionOf(id: string): Promise<number> {
    const { rows } = await house.database.query<{ revision: number }>('SELECT revision FROM cases WHERE number = $1', [
      Number(id.slice(2)) || 0,
    ]);
    return rows[0]?.revision ?? 0;
  }

  const bySigner = (name: string) => ({
    meaning: 'decided after review of the evidence',
    user: name,
    password: PASSWORD,
  });
  const alone = { meaning: 'decided after review of the evidence', password: PASSWORD };

  async function decision(lot: Lot, signature: object, change: object = {}) {
    const scope = { serials: lot.serials };
    return {
      revision: await revisionOf(lot.id),
      ...scope,
      disposition: 'quarantine',
      reason: 'too warm',
      signature,
      ...change,
    };
  }

  const decide = async (lot: Lot, cookie: string, signature: object, change: object = {}) =>
    ask('POST', `/cases/${lot.id}/decisions`, await decision(lot, signature, change), cookie);

  async function mayMoveOn(epc: string): Promise<boolean> {
    const serial = epc.split('.').at(-1);
    const { body } = await house.ask('dock', 'POST', '/verifications', { gtin: GTIN, serial });
    return (body as { mayMoveOn: boolean }).mayMoveOn;
  }

  return { ask, person, excursion, revisionOf, bySigner, alone, decision, decide, mayMoveOn };
}
