import { beforeEach, describe, expect, it } from 'vitest';
import type { Finding, FindingChange } from '../../domain/index.ts';
import { effectsOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { ALERT_WORK_CHANNEL, findingHistory, findingsReaching, PostgresFindings } from './postgres-findings.ts';

const database = await testDatabase();
const findings = new PostgresFindings({ database });

const TEN = Date.parse('2026-11-22T10:00:00.123Z');
const MINUTE = 60_000;

function excursion(change: Partial<Finding> = {}): Finding {
  return {
    rule: 'too-warm',
    ruleVersion: 1,
    kind: 'threshold',
    severity: 'critical',
    key: 'logger-7/temperature',
    from: TEN,
    to: null,
    endedBy: null,
    extreme: 9.1,
    readings: 5,
    minutesOutOfRange: 25.125,
    runs: [{ from: TEN, to: TEN + 25 * MINUTE }],
    limit: 8,
    detectedAt: TEN + 10 * MINUTE,
    detectedLate: false,
    ...change,
  };
}

function apply(...changes: FindingChange[]): Promise<void> {
  return database.transaction((client) => findings.apply(effectsOf(client), changes));
}

/** What the alert desk would find, and takes it away. */
async function takeMarks(): Promise<{ key: string; from_at: number; reason: string | null; is_exposure: boolean }[]> {
  const { rows } = await database.query<{ key: string; from_at: number; reason: string | null; is_exposure: boolean }>(
    `WITH taken AS (DELETE FROM alert_work RETURNING *) SELECT key, from_at, reason, is_exposure FROM taken ORDER BY id`,
  );
  return rows;
}

async function revision(): Promise<number | undefined> {
  return (await database.query<{ revision: number }>('SELECT revision FROM findings')).rows[0]?.revision;
}

beforeEach(async () => {
  await database.query('TRUNCATE findings, finding_changes, alert_work');
});

describe('the finding store', () => {
  it('gives findings back as they were written', async () => {
    const unexpected = excursion({
      rule: 'not-expected',
      kind: 'unexpected',
      key: 'portal:dock/1',
      to: TEN + 5_000,
      extreme: null,
      minutesOutOfRange: null,
      limit: null,
      runs: [],
      portal: { portal: 'dock/1', pass: 'pass-1', epcs: ['urn:epc:id:sgtin:0614141.812345.6789'] },
    });
    await apply({ event: 'opened', finding: excursion() }, { event: 'opened', finding: unexpected });
    expect(await findings.present(['threshold'])).toEqual([excursion()]);
    expect(await findings.present(['threshold', 'silence', 'unexpected'])).toEqual([unexpected, excursion()]);
  });

  it('takes the same finding again without a revision, a mark or an entry, also when it was detected anew', async () => {
    await apply({ event: 'opened', finding: excursion() });
    await takeMarks();
    await apply({ event: 'opened', finding: excursion({ detectedAt: TEN + 99 * MINUTE, detectedLate: true }) });
    expect(await findings.present(['threshold'])).toEqual([excursion()]);
    expect(await revision()).toBe(1);
    expect(await takeMarks()).toEqual([]);
    expect(await findingHistory(database, excursion())).toHaveLength(1);
  });

  it('marks each changed finding for the alert desk with the reason of the change, and wakes it at commit', async () => {
    let woken = 0;
    const wakes = Promise.withResolvers<void>();
    const listening = await database.listen(ALERT_WORK_CHANNEL, () => {
      woken++;
      wakes.resolve();
    });
    await apply(
      { event: 'opened', finding: excursion() },
      { event: 'opened', finding: excursion({ key: 'logger-8/temperature' }), reason: 'a backlog arrived' },
    );
    await wakes.promise;
    await listening.stop();
    expect(woken).toBe(1);
    expect(await takeMarks()).toEqual([
      { key: 'logger-7/temperature', from_at: TEN, reason: null, is_exposure: false },
      { key: 'logger-8/temperature', from_at: TEN, reason: 'a backlog arrived', is_exposure: false },
    ]);
  });

  it('keeps the history of a finding without the mere growth of a running one', async () => {
    await apply({ event: 'opened', finding: excursion() });
    await apply({ event: 'extended', finding: excursion({ readings: 6 }) });
    await apply({ event: 'closed', finding: excursion({ readings: 6, to: TEN + 30 * MINUTE, endedBy: 'recovery' }) });
    await apply({ event: 'extended', finding: excursion({ readings: 9, to: TEN + 40 * MINUTE, endedBy: 'recovery' }) });
    await apply({ event: 'retracted', finding: excursion(), reason: 'late readings' });
    expect((await findingHistory(database, excursion())).map(({ event, reason }) => [event, reason])).toEqual([
      ['opened', null],
      ['closed', null],
      ['extended', null],
      ['retracted', 'late readings'],
    ]);
  });

  it('removes a retracted finding and marks it; retracting it again does nothing', async () => {
    await apply({ event: 'opened', finding: excursion() });
    await takeMarks();
    const retracted: FindingChange = { event: 'retracted', finding: excursion(), reason: 'late readings' };
    await apply(retracted);
    await apply(retracted);
    expect(await findings.present(['threshold'])).toEqual([]);
    expect(await takeMarks()).toEqual([
      { key: 'logger-7/temperature', from_at: TEN, reason: 'late readings', is_exposure: false },
    ]);
  });

  it('takes the last of several changes of one finding, and a new detection where it went away in between', async () => {
    await apply(
      { event: 'opened', finding: excursion() },
      { event: 'extended', finding: excursion({ readings: 6 }) },
      { event: 'extended', finding: excursion({ readings: 7 }) },
    );
    expect(await findings.present(['threshold'])).toEqual([excursion({ readings: 7 })]);
    const anew = excursion({ readings: 7, detectedAt: TEN + 50 * MINUTE, detectedLate: true });
    await apply({ event: 'retracted', finding: excursion() }, { event: 'opened', finding: anew });
    expect(await findings.present(['threshold'])).toEqual([anew]);
  });

  it('writes nothing when the transaction of the consumer fails', async () => {
    const failing = database.transaction(async (client) => {
      await findings.apply(effectsOf(client), [{ event: 'opened', finding: excursion() }]);
      throw new Error('the checkpoint had moved');
    });
    await expect(failing).rejects.toThrow('the checkpoint had moved');
    expect(await findings.present(['threshold'])).toEqual([]);
    expect(await takeMarks()).toEqual([]);
  });

  it('gives the findings of a key that reach a moment, running ones included', async () => {
    const first = excursion({ from: TEN - 60 * MINUTE, to: TEN - 30 * MINUTE, endedBy: 'recovery' });
    const second = excursion({ from: TEN - 20 * MINUTE, to: TEN - 10 * MINUTE, endedBy: 'recovery' });
    const other = excursion({ key: 'logger-8/temperature' });
    for (const finding of [excursion(), second, first, other]) await apply({ event: 'opened', finding });
    expect(await findingsReaching(database, first, TEN - 10 * MINUTE)).toEqual([second, excursion()]);
  });
});

describe('when exposure changes', () => {
  it("marks the findings of the device that overlap the change, with the change's reason", async () => {
    const ended = excursion({ from: TEN - 60 * MINUTE, to: TEN - 30 * MINUTE, endedBy: 'recovery' });
    await apply({ event: 'opened', finding: ended }, { event: 'opened', finding: excursion() });
    await takeMarks();
    const mark = (from: number, to: number | null, device = 'logger-7') =>
      database.transaction((client) =>
        findings.markExposureChanged(effectsOf(client), [{ device, from, to, reason: 'unit packed late' }]),
      );
    await mark(TEN - 20 * MINUTE, TEN);
    expect(await takeMarks()).toEqual([]);
    await mark(TEN - 20 * MINUTE, null, 'logger-8');
    expect(await takeMarks()).toEqual([]);
    await mark(TEN + MINUTE, TEN + 2 * MINUTE);
    const marked = { key: 'logger-7/temperature', reason: 'unit packed late', is_exposure: true };
    expect(await takeMarks()).toEqual([{ ...marked, from_at: TEN }]);
    await mark(TEN - 40 * MINUTE, null);
    expect(await takeMarks()).toEqual([
      { ...marked, from_at: TEN - 60 * MINUTE },
      { ...marked, from_at: TEN },
    ]);
  });

  // Found by chaos: an alert of a silent logger stayed without shipment and serials.
  describe('a finding that was written while its device came to be around goods was told without them, for good', () => {
    const change = { device: 'logger-7', from: TEN, to: null, reason: 'announced' };
    const mark = () => database.transaction((client) => findings.markExposureChanged(effectsOf(client), [change]));
    const aLock = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    /** Until the other transaction has ended or waits for this one. */
    const isUnderWay = (ended: readonly string[]) =>
      expect
        .poll(async () => ended.length + ((await database.query(aLock)).rowCount ?? 0), {
          interval: 5,
        })
        .toBeGreaterThan(0);

    it('the finding waits for the goods', async () => {
      const ended: string[] = [];
      let applied: Promise<unknown> = Promise.resolve();
      await database.transaction(async (client) => {
        await findings.markExposureChanged(effectsOf(client), [change]);
        applied = apply({ event: 'opened', finding: excursion() }).then(() => ended.push('finding'));
        await isUnderWay(ended);
        ended.push('goods');
      });
      await applied;
      expect(ended).toEqual(['goods', 'finding']);
    });

    it('the goods wait for the finding, and mark it', async () => {
      const ended: string[] = [];
      let marked: Promise<unknown> = Promise.resolve();
      await database.transaction(async (client) => {
        await findings.apply(effectsOf(client), [{ event: 'opened', finding: excursion() }]);
        marked = mark().then(() => ended.push('goods'));
        await isUnderWay(ended);
        ended.push('finding');
      });
      await marked;
      expect(ended).toEqual(['finding', 'goods']);
      expect((await takeMarks()).map(({ is_exposure }) => is_exposure)).toEqual([false, true]);
    });
  });

  it('writes and rewrites five thousand findings in a handful of statements', async () => {
    const many = Array.from({ length: 5_000 }, (_, i) => excursion({ key: `logger-${i}/temperature` }));
    await apply(...many.map((finding): FindingChange => ({ event: 'opened', finding })));
    await apply(...many.map((finding): FindingChange => ({ event: 'extended', finding: { ...finding, readings: 6 } })));
    const { rows } = await database.query('SELECT count(*) AS n, min(revision) AS least FROM findings');
    expect(rows).toEqual([{ n: 5_000, least: 2 }]);
  });
});
