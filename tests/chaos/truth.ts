import type { Database } from '../../storage/index.ts';
import { pause, type Round } from './round.ts';
import { countSightings } from './sightings.ts';
import { READER, type System } from './system.ts';
import type { Taken } from './whoever-is-told.ts';

/** Two looks this far apart that agree are the end. */
const LOOK_MS = 700;
const SETTLES_WITHIN_MS = 90_000;
const TEMPERATURE = 1;

/** What the system holds for true of a round, in words that are the same for every round. */
export type Truth = Readonly<Record<'findings' | 'alerts' | 'exposures' | 'audit' | 'told', readonly string[]>>;

/** What is missing, too much or wrong, of what was acknowledged. */
export interface Account {
  readonly readings: number;
  readonly sightings: number;
  /** Tags that a gap of the reader speaks for. */
  readonly inGaps: number;
  /** Messages that people took, and how often one came again under its key. */
  readonly messages: number;
  readonly again: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Another value, or what nobody sent. */
  readonly differing: readonly string[];
}

const QUESTIONS: Readonly<Record<Exclude<keyof Truth, 'told'>, string>> = {
  findings: `SELECT rule, key, from_at, to_at, ended_by, extreme, readings, minutes_out_of_range, runs, limit_value
    FROM findings WHERE device LIKE $1`,
  alerts: `SELECT rule, key, state, shipments, summary, from_at, to_at, affected_count, evidence_complete
    FROM alerts WHERE device LIKE $1 AND state <> 'retracted'`,
  exposures: `SELECT a.rule, a.key, a.from_at AS since, e.unit, e.shipment, e.from_at, e.to_at, e.minutes, e.min, e.max, e.mkt,
      s.epc, s.gtin, s.serial, s.lot, s.expiry
    FROM alerts AS a JOIN alert_exposures AS e ON e.alert = a.number
    JOIN alert_serials AS s ON s.alert = e.alert AND s.part = e.part
    WHERE a.device LIKE $1 AND a.state <> 'retracted'`,
  audit: `SELECT actor_name, action, subject FROM audit_entries
    WHERE (subject LIKE 'device:' || $1 OR subject LIKE '%SHP-' || upper(rtrim($1, '-%')) ) AND action NOT LIKE 'credential%'`,
};

/** Loggers that are compared: those whose readings are the same in every round. */
const COMPARED = /"(?:device:)?cz-#-(?:\d|http)|SHP-CZ-#/;

export async function truthOf(system: System, number: number): Promise<Truth> {
  const entries = await Promise.all(
    Object.entries(QUESTIONS).map(async ([name, question]) => {
      const { rows } = await system.database.query(question, [`cz-${number}-%`]);
      const lines = rows.map((row) => inGeneral(JSON.stringify(row), number)).filter((line) => COMPARED.test(line));
      return [name, lines.toSorted()] as const;
    }),
  );
  const told = (await toldOf(system, number))
    .map((line) => inGeneral(line, number))
    .filter((line) => COMPARED.test(line));
  return { ...(Object.fromEntries(entries) as unknown as Omit<Truth, 'told'>), told: told.toSorted() };
}

/** Who was told of which alert, at which step, once each: what came again under its key is no news. */
async function toldOf({ database, receiver }: System, number: number): Promise<string[]> {
  const { rows } = await database.query<{ id: string; rule: string; key: string }>(
    `SELECT id, rule, key FROM alerts WHERE device LIKE $1 AND state <> 'retracted'`,
    [`cz-${number}-%`],
  );
  const alerts = new Map(rows.map(({ id, ...alert }) => [id, alert]));
  return firstOf(receiver.taken).flatMap(({ alert, channel, type, step, people }) => {
    const known = alerts.get(alert);
    // What was taken back on the way to the same end differs from round to round.
    return known === undefined || !TOLD_OF.has(type) ? [] : [JSON.stringify({ ...known, channel, type, step, people })];
  });
}

const TOLD_OF: ReadonlySet<string> = new Set(['alert.opened', 'alert.escalated', 'alert.reminded']);

/** Of each message by each channel what came first. */
function firstOf(taken: readonly Taken[]): readonly Taken[] {
  const first = new Map<string, Taken>();
  for (const one of taken) {
    const name = `${one.id}.${one.channel}`;
    if (!first.has(name)) first.set(name, one);
  }
  return [...first.values()];
}

/** Without what names the round. */
function inGeneral(line: string, number: number): string {
  const less = (digits: string, of: number) => String(Number(digits) - of);
  return line
    .replaceAll(`cz-${number}-`, 'cz-#-')
    .replaceAll(new RegExp(`SHP-CZ-${number}(?!\\d)`, 'g'), 'SHP-CZ-#')
    .replaceAll(/0614141\.1(\d{9})/g, (_, digits) => `sscc ${less(digits, number * 10)}`)
    .replaceAll(/812345\.(1\d{6,})/g, (_, digits) => `serial ${less(digits, number * 1_000)}`)
    .replaceAll(/"serial":"(1\d{6,})"/g, (_, digits) => `"serial":"${less(digits, number * 1_000)}"`);
}

/** Once nothing waits any more and two looks agree; where that takes too long, what there is. */
export async function settled(system: System, round: Round, number: number, expected: Truth | null): Promise<Truth> {
  const deadline = performance.now() + SETTLES_WITHIN_MS;
  let previous = '';
  for (;;) {
    const waits = await waiting(system, number).catch(() => -1);
    const truth = await truthOf(system, number).catch(() => null);
    const text = JSON.stringify([truth, await storedReadings(system, round).catch(() => null)]);
    const isAsExpected = expected === null ? (truth?.alerts.length ?? 0) > 0 : sameTruth(truth, expected);
    const isQuiet = waits === 0 && text === previous;
    if (truth !== null && ((isQuiet && isAsExpected) || performance.now() > deadline)) return truth;
    previous = text;
    await pause(LOOK_MS);
  }
}

export function sameTruth(one: Truth | null, other: Truth): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Records that a consumer has not taken, but for ticks; findings whose alerts are not written; and what people are still to be told. */
async function waiting(system: System, number: number): Promise<number> {
  const { rows } = await system.database.query<{ waits: number }>(
    `SELECT (SELECT count(*) FROM log_checkpoints AS c JOIN log_head AS h USING (family, partition)
        WHERE c.consumer <> 'archive' AND h.position - c.position > CASE c.family WHEN 'trace' THEN 4 ELSE 1 END)::int
      + (SELECT count(*) FROM alert_work WHERE not_before IS NULL)::int
      + (SELECT count(*) FROM outbox AS o JOIN alerts AS a ON a.id = o.alert_id
          WHERE a.device LIKE $1 AND o.delivered_at IS NULL AND o.dead_at IS NULL)::int
      + (SELECT count(*) FROM alert_notices AS n JOIN alerts AS a ON a.number = n.alert
          WHERE a.device LIKE $1 AND n.told_at IS NULL AND n.cancelled_at IS NULL)::int AS waits`,
    [`cz-${number}-%`],
  );
  return rows[0]?.waits ?? -1;
}

async function storedReadings(system: System, round: Round): Promise<number> {
  const { rows } = await system.database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM devices AS d CROSS JOIN LATERAL readings_between(d.id, $2::int2, '-infinity', 'infinity') AS r
     WHERE d.name = ANY ($1)`,
    [[...round.sent.keys()], TEMPERATURE],
  );
  return rows[0]?.count ?? 0;
}

/** Whether the readings of a device are there once, and nothing else is. @param sent time → value, of what was acknowledged */
export async function accountOfReadings(
  database: Database,
  device: string,
  sent: ReadonlyMap<number, number>,
): Promise<Pick<Account, 'lost' | 'doubled' | 'differing'>> {
  const { rows } = await database.query<{ time: number; value: number }>(
    `SELECT (extract(epoch FROM r.time) * 1000)::float8 AS time, r.value FROM devices AS d
     CROSS JOIN LATERAL readings_between(d.id, $2::int2, '-infinity', 'infinity') AS r WHERE d.name = $1`,
    [device, TEMPERATURE],
  );
  const stored = new Set<number>();
  const doubled: string[] = [];
  const differing: string[] = [];
  for (const { time, value } of rows) {
    if (stored.has(time)) doubled.push(`${device} at ${time}`);
    stored.add(time);
    if (sent.get(time) !== value) differing.push(`${device} at ${time}: stored ${value}, sent ${sent.get(time)}`);
  }
  const lost = [...sent.keys()].filter((time) => !stored.has(time)).map((time) => `${device} at ${time}`);
  return { lost, doubled, differing };
}

/** Whether everything acknowledged is stored once. */
export async function accountOf(system: System, round: Round, number: number): Promise<Account> {
  const lost: string[] = [];
  const doubled: string[] = [];
  const differing: string[] = [];
  let readings = 0;
  for (const [device, sent] of round.sent) {
    const found = await accountOfReadings(system.database, device, sent);
    lost.push(...found.lost);
    doubled.push(...found.doubled);
    differing.push(...found.differing);
    readings += sent.size;
  }
  await countOdd(system, round, lost);
  // Two of three servers have what was acknowledged, whatever happens to one: what the platform calls lost is lost, or is called so wrongly.
  const { rows: holes } = await system.database.query<{ hole: string }>(
    `SELECT concat_ws(' ', reason, first, last) AS hole FROM log_holes WHERE found_at >= $1 ORDER BY first`,
    [round.beganAt],
  );
  differing.push(...holes.map(({ hole }) => `a hole in the log of readings: ${hole}`));
  const { inGaps } = await countSightings(
    system.database,
    { reader: READER, seen: round.seen },
    { lost, doubled, differing },
  );
  const messages = await countMessages(system, number, { lost, doubled, differing });
  return { readings, sightings: round.seen.length, inGaps, ...messages, lost, doubled, differing };
}

/**
 * Each message that was committed is taken, by each channel those of one alert in the order in which they were written (docs/channels.md),
 * and nothing is taken that was not; of one step of one alert there is one message. The same one may come again under its key.
 */
async function countMessages(
  { database, receiver }: System,
  number: number,
  { lost, doubled, differing }: Record<'lost' | 'doubled' | 'differing', string[]>,
): Promise<{ messages: number; again: number }> {
  const { rows } = await database.query<{ id: string; type: string; alert: string; channel: string; dead: boolean }>(
    `SELECT o.id, o.type, o.alert_id AS alert, o.channel, o.dead_at IS NOT NULL AS dead FROM outbox AS o
     JOIN alerts AS a ON a.id = o.alert_id WHERE a.device LIKE $1 ORDER BY o.position`,
    [`cz-${number}-%`],
  );
  const written = new Map(rows.map((row) => [row.id, row]));
  const alerts = new Set(rows.map(({ alert }) => alert));
  const taken = receiver.taken.filter(({ alert }) => alerts.has(alert));
  const first = firstOf(taken);
  const nameOf = ({ id, channel }: Taken) => `${id}.${channel}`;
  const came = new Set(first.map(nameOf));
  for (const { id, type, dead } of rows) {
    if (!came.has(id)) lost.push(`message ${id} (${type}), ${dead ? 'given up' : 'never taken'}`);
  }
  for (const one of first)
    if (!written.has(nameOf(one))) differing.push(`message ${nameOf(one)}, which was never written`);
  const ofStep = Map.groupBy(
    first.filter(({ type }) => TOLD_OF.has(type)),
    ({ alert, channel, type, step }) => `${type} ${step} of ${alert} by ${channel}`,
  );
  for (const [what, all] of ofStep) if (all.length > 1) doubled.push(`${what}: ${all.map(({ id }) => id).join(', ')}`);
  const writtenOrder = Map.groupBy(rows, ({ alert, channel }) => `${alert} by ${channel}`);
  const takenOrder = Map.groupBy(first, ({ alert, channel }) => `${alert} by ${channel}`);
  for (const [what, all] of takenOrder) {
    const order = (writtenOrder.get(what) ?? []).map(({ id }) => id).filter((id) => came.has(id));
    const ids = all.map(nameOf).filter((id) => written.has(id));
    if (ids.join() !== order.join())
      differing.push(`messages of ${what} came as ${ids.join()}, written as ${order.join()}`);
  }
  return { messages: first.length, again: taken.length - first.length };
}

/**
 * Each of a wrong clock is a reading, or in quarantine with its reason. Not asked of the counts of refusals: of those a kill may take ten
 * seconds (docs/operating.md).
 */
async function countOdd(system: System, { odd, oddTimes }: Round, lost: string[]): Promise<void> {
  const { rows } = await system.database.query<{ time: number }>(
    `SELECT (extract(epoch FROM r.time) * 1000)::float8 AS time FROM devices AS d
     CROSS JOIN LATERAL readings_between(d.id, $2::int2, '-infinity', 'infinity') AS r WHERE d.name = $1`,
    [odd.id, TEMPERATURE],
  );
  const { rows: refused } = await system.database.query<{ reason: string; payload: Buffer }>(
    'SELECT reason, payload FROM quarantine WHERE source = $1',
    [odd.id],
  );
  const stored = new Set(rows.map(({ time }) => time));
  const kept = new Set(refused.map(({ payload }) => Number(/"time":(\d+)/.exec(payload.toString())?.[1])));
  const missing = [...oddTimes].filter((time) => !stored.has(time) && !kept.has(time));
  const reasons = [...new Set(refused.map(({ reason }) => reason))].join(', ');
  for (const time of missing) {
    lost.push(`${odd.id} at ${time}: of ${oddTimes.size} ${stored.size} stored, ${kept.size} refused (${reasons})`);
  }
}

/** What the reader saw that is neither at the platform nor in a gap; something is under way as long as the reader holds reads. */
export async function sightingsMissing(system: System, round: Round): Promise<string[]> {
  const found = { lost: [], doubled: [], differing: [] as string[] };
  await countSightings(system.database, { reader: READER, seen: round.seen }, found);
  return system.reader.waitingTags === 0 ? found.lost : [...found.lost, `${system.reader.waitingTags} at the reader`];
}

/** Gaps of the reader since the round began, for a report. */
export async function gapsOf(system: System, round: Round): Promise<string> {
  const { rows } = await system.database.query(
    `SELECT since::float8 AS since, until::float8 AS until, reason FROM read_gaps WHERE reader = $1 AND until >= $2 ORDER BY since`,
    [READER, round.seen[0]?.at ?? 0],
  );
  return JSON.stringify(rows);
}
