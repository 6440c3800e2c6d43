import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { by } from '../../storage/testing/people.ts';
import { tellDue } from '../routing/due-notices.ts';
import { parseRouting } from '../routing/routing-file.ts';
import { excursion, MINUTE, Scene } from '../testing/scene.ts';
import { endFlaps } from './end-flaps.ts';
import { flapQuietMs, flapStep } from './flapping.ts';
import { reviewMutes } from './mute-review.ts';

type Told = readonly [minute: number, what: 'alert' | 'begins' | 'ends'];
interface Setting {
  readonly opens: number;
  readonly withinMs: number;
}

/** As the platform does it: looks when an alert opens, and when the end it wrote down has come. Minutes stand for ms. */
function played(minutes: readonly number[], setting: Setting): Told[] {
  const told: Told[] = [];
  const quiet = flapQuietMs(setting);
  let due: number | null = null;
  for (const [i, at] of minutes.entries()) {
    if (due !== null && due <= at) {
      told.push([due, 'ends']);
      due = null;
    }
    const opened = minutes.slice(0, i + 1).filter((one) => one > at - setting.withinMs).length;
    const step = flapStep(due !== null, opened, setting);
    if (step !== 'held') told.push([at, step === 'begins' ? 'begins' : 'alert']);
    if (step !== 'as usual') due = at + quiet;
  }
  if (due !== null) told.push([due, 'ends']);
  return told;
}

/** Walks every minute and counts back each time. */
function walked(minutes: readonly number[], setting: Setting): Told[] {
  const told: Told[] = [];
  const quiet = Math.ceil(setting.withinMs / setting.opens);
  const since = (from: number, to: number) => minutes.filter((one) => one > from && one <= to).length;
  let flaps = false;
  for (let now = 0; now <= (minutes.at(-1) ?? 0) + quiet; now++) {
    if (flaps && since(now - quiet, now - 1) === 0) {
      flaps = false;
      told.push([now, 'ends']);
    }
    if (!minutes.includes(now) || flaps) continue;
    flaps = since(now - setting.withinMs, now) > setting.opens;
    told.push([now, flaps ? 'begins' : 'alert']);
  }
  return told;
}

const minutes = fc
  .uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 60 })
  .map((all) => all.toSorted((a, b) => a - b));
const setting = fc.record({ opens: fc.integer({ min: 2, max: 6 }), withinMs: fc.integer({ min: 6, max: 60 }) });

describe('flapping', () => {
  it('is told when walking minute by minute would tell it, and so is its end', () => {
    fc.assert(
      fc.property(minutes, setting, (given, how) => {
        expect(played(given, how)).toEqual(walked(given, how));
      }),
      { numRuns: 500 },
    );
  });

  it('begins and ends in turn, and what opened last is never held for longer than its quiet time', () => {
    fc.assert(
      fc.property(minutes, setting, (given, how) => {
        const told = played(given, how);
        const turns = told.flatMap(([, what]) => (what === 'alert' ? [] : [what]));
        expect(turns).toEqual(turns.map((_, i) => (i % 2 === 0 ? 'begins' : 'ends')));
        const last = given.at(-1) ?? 0;
        expect(Math.max(last, ...told.map(([minute]) => minute))).toBeLessThanOrEqual(last + flapQuietMs(how));
      }),
      { numRuns: 500 },
    );
  });
});

const plan = parseRouting(
  `people:
  anna: { notify: { critical: [sms] } }
route: { name: all, to: [{ person: anna }] }
flapping: { opens: 3, within: 30m }`,
  'routing.yaml',
  ['sms'],
);
const database = await testDatabase();
const channels = [{ id: 'sms', kind: 'webhook' as const, url: 'http://127.0.0.1:9/', secret: 'whsec_c2VjcmV0' }];
const scene = new Scene(database, { plan, config: { channels, route: null } });
const noon = scene.time.now();

beforeAll(() => scene.worker.start());
afterAll(() => scene.worker.stop());
beforeEach(async () => {
  await scene.clear();
  await database.query('TRUNCATE alert_notices, routed_alerts');
});

/** An excursion that begins so many minutes after noon. */
const from = (minute: number, change: Partial<Finding> = {}) =>
  excursion({ from: noon + minute * MINUTE, runs: [], ...change });
const over = (minute: number, change: Partial<Finding> = {}) =>
  from(minute, { to: noon + (minute + 1) * MINUTE, endedBy: 'recovery', ...change });
const opened = (...findings: Finding[]) =>
  scene.found(...findings.map((finding) => ({ event: 'opened' as const, finding })));

/** What the worker does every ten seconds, so long after noon. */
async function look(ms: number): Promise<void> {
  const dependencies = { audit: scene.audit, database, routing: scene.routing };
  await endFlaps(dependencies, noon + ms);
  await reviewMutes(dependencies, noon + ms);
  await tellDue(dependencies, noon + ms);
}

async function told(): Promise<readonly string[]> {
  const { rows } = await database.query<{ text: string }>(
    `SELECT type || coalesce(' ' || (body::jsonb #>> '{data,flapping,opened}'), '')
       || coalesce(' held ' || (body::jsonb #>> '{data,change,flapping,held}'), '') AS text FROM outbox ORDER BY position`,
  );
  return rows.map(({ text }) => text);
}

describe('alerts of one rule and device that open again and again', () => {
  it('are told until they flap; that is told once, the rest is held, and its end is told once', async () => {
    await opened(over(0), over(2), over(4));
    expect(await told()).toEqual(['alert.opened', 'alert.opened', 'alert.opened']);
    await opened(over(6));
    await opened(over(8), over(9));
    expect((await told()).slice(3)).toEqual(['alert.opened 4']);
    const held = (await scene.alerts()).at(-1);
    expect(await scene.service.muted(held?.id ?? '')).toMatchObject({ by: 'flapping' });
    // The clock stands at noon: ten minutes without another one end it. What is held still stands, and is told.
    await look(9 * MINUTE);
    expect(await told()).toHaveLength(4);
    await look(10 * MINUTE);
    expect((await told()).slice(4)).toEqual(['alert.flappingEnded held 2', 'alert.opened', 'alert.opened']);
    await look(30 * MINUTE);
    expect(await told()).toHaveLength(7);
  });

  it('that somebody acknowledged while they were held are told no more', async () => {
    await opened(over(0), over(2), over(4), over(6), over(8));
    for (const { id } of await scene.alerts()) await scene.service.acknowledge(id, by('anna'), {});
    const before = (await told()).filter((line) => line.startsWith('alert.opened')).length;
    await look(30 * MINUTE);
    expect((await told()).filter((line) => line.startsWith('alert.opened'))).toHaveLength(before);
    expect((await told()).at(-1)).toBe('alert.flappingEnded held 1');
  });

  it('do not flap where a logger brings a day at once: they began hours apart', async () => {
    await opened(...[0, 1, 2, 3, 4, 5].map((hour) => over(-60 * (hour + 1), { detectedLate: true })));
    expect(await told()).toEqual(Array.from({ length: 6 }, () => 'alert.opened'));
  });

  it('are those of one device: others are told beside them', async () => {
    await opened(over(0), over(2), over(4), over(6), over(8));
    await opened(over(9, { key: 'logger-8/temperature' }));
    expect((await told()).at(-1)).toBe('alert.opened');
    expect(await told()).toHaveLength(5);
  });

  it('are told where a person opens one again', async () => {
    await opened(over(0), over(2), over(4), over(6), over(8));
    const held = (await scene.alerts()).at(-1);
    await scene.service.resolve(held?.id ?? '', by('anna'), { comment: 'seen' });
    await scene.service.reopen(held?.id ?? '', by('anna'), { comment: 'not seen' });
    expect((await told()).at(-1)).toBe('alert.opened');
  });
});
