import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../domain/index.ts';
import type { AlertDetail, AlertVerdictsView } from '../api/index.ts';
import { excursionsOf, HOUR, iso, type Lot, MINUTE, NOW } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';

let house: Installation;
let scene: ReturnType<typeof excursionsOf>;
let quality: { readonly name: string; readonly cookie: string };

beforeAll(async () => {
  house = await Installation.start();
  scene = excursionsOf(house);
  quality = await scene.person();
});
afterAll(() => house.stop());

const detail = async (id: string) => (await house.ask('quality', 'GET', `/alerts/${id}`)).body as AlertDetail;
const verdictsOf = async (id: string) =>
  (await scene.ask('GET', `/alerts/${id}/verdicts`, undefined, quality.cookie)).body as unknown as AlertVerdictsView;
const say = (id: string, verdict: object, cookie = quality.cookie, name = quality.name) =>
  scene.ask(
    'POST',
    `/alerts/${id}/verdicts`,
    { reason: 'on the bench', signature: scene.bySigner(name), ...verdict },
    cookie,
  );

/** The whole of the usual excursion. */
const handling = { verdict: 'not part of journey', from: iso(NOW - 121 * MINUTE), to: iso(NOW - 79 * MINUTE) };

async function takeBack(inCase: string, step: number): Promise<number> {
  const { name, cookie } = quality;
  const sent = {
    revision: await scene.revisionOf(inCase),
    reason: 'it was in the lorry',
    signature: scene.bySigner(name),
  };
  return (await scene.ask('POST', `/cases/${inCase}/steps/${step}/undo`, sent, cookie)).status;
}

describe('handling before start or after arrival', () => {
  test('ends the alert that lies in it, as a signed step of its case; taken back, the same alert is open again', async () => {
    const lot = await scene.excursion();
    const given = await say(lot.alert, handling);
    expect(given).toMatchObject({
      status: 201,
      body: { case: lot.id, state: 'resolved', step: { number: 1, step: 'exclude', detail: { device: lot.device } } },
    });
    const over = await detail(lot.alert);
    expect(over).toMatchObject({ state: 'resolved', resolvedBy: quality.name });
    expect(over.history.slice(-2)).toMatchObject([
      { action: 'judged', by: quality.name, comment: 'on the bench' },
      { action: 'resolved', by: quality.name, comment: 'on the bench' },
    ]);
    expect(await verdictsOf(lot.alert)).toMatchObject({
      cases: [lot.id],
      items: [{ case: lot.id, step: { number: 1, step: 'exclude', undoneBy: null, signature: { by: quality.name } } }],
    });
    expect(await takeBack(lot.id, 1)).toBe(201);
    const again = await detail(lot.alert);
    expect(again).toMatchObject({ id: lot.alert, state: 'open', reopened: 1, resolvedBy: null });
    expect(again.history.at(-1)).toMatchObject({ action: 'reopened', comment: 'it was in the lorry' });
  });

  test('of which a part lies outside goes on: what was said of it stands beside it', async () => {
    const lot = await scene.excursion();
    const given = await say(lot.alert, { ...handling, to: iso(NOW - 100 * MINUTE) });
    expect(given).toMatchObject({ status: 201, body: { state: 'open' } });
    expect((await detail(lot.alert)).history.at(-1)).toMatchObject({ action: 'judged' });
  });

  test('that was said on the page of the case ends the alert as well: it is one truth', async () => {
    const lot = await scene.excursion();
    const sent = {
      revision: await scene.revisionOf(lot.id),
      reason: 'defrost',
      signature: scene.bySigner(quality.name),
    };
    const step = { step: 'excuse', alert: lot.alert };
    expect((await scene.ask('POST', `/cases/${lot.id}/steps`, { ...sent, step }, quality.cookie)).status).toBe(201);
    expect(await detail(lot.alert)).toMatchObject({ state: 'resolved', resolvedBy: quality.name });
    expect((await verdictsOf(lot.alert)).items).toMatchObject([{ case: lot.id, step: { step: 'excuse' } }]);
    expect(await takeBack(lot.id, 1)).toBe(201);
    expect((await detail(lot.alert)).state).toBe('open');
  });

  test('an alert that a person opened again meanwhile stays open when the word is taken back', async () => {
    const lot = await scene.excursion();
    expect((await say(lot.alert, handling)).status).toBe(201);
    expect((await house.ask('quality', 'POST', `/alerts/${lot.alert}/reopen`, { reason: 'wait' })).status).toBe(200);
    expect((await house.ask('quality', 'POST', `/alerts/${lot.alert}/resolve`, { reason: 'seen' })).status).toBe(200);
    expect(await takeBack(lot.id, 1)).toBe(201);
    expect(await detail(lot.alert)).toMatchObject({ state: 'resolved', reopened: 1 });
  });

  test('late data that carry the excursion beyond what was signed open it again', async () => {
    const lot = await scene.excursion();
    expect((await say(lot.alert, handling)).status).toBe(201);
    await house.find(spell(lot, NOW - 60 * MINUTE));
    await expect.poll(async () => (await detail(lot.alert)).state, { timeout: 30_000 }).toBe('open');
    expect((await detail(lot.alert)).history.map(({ action }) => action)).toContain('reopened');
  });
});

/** The usual excursion, up to another end. */
function spell({ device }: Lot, to: number): Finding {
  const from = NOW - 120 * MINUTE;
  return {
    ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: `${device}/temperature` },
    ...{ from, to, endedBy: 'recovery', extreme: 9.1, readings: 12, minutesOutOfRange: 60, runs: [{ from, to }] },
    ...{ limit: 8, detectedAt: NOW, detectedLate: true },
  };
}

describe('a logger that is lost or broken', () => {
  test('since a moment: its readings are set aside from then on, in all that its alerts measure', async () => {
    const lot = await scene.excursion();
    const since = NOW - 130 * MINUTE;
    const given = await say(lot.alert, { verdict: 'logger broken', since: iso(since) });
    expect(given).toMatchObject({
      status: 201,
      body: { case: lot.id, state: 'open', step: { step: 'declare broken', detail: { from: iso(since), to: null } } },
    });
    const setAside = async () => {
      const { rows } = await house.database.query<{ fact: { setAside: object } }>(
        `SELECT fact FROM facts WHERE type = 'setAside' AND subject = $1`,
        [`device:${lot.device}`],
      );
      return rows.map(({ fact }) => fact.setAside);
    };
    const told = { device: lot.device, metric: 'temperature', from: since, to: null, isSetAside: true };
    await expect.poll(setAside, { timeout: 30_000 }).toMatchObject([told]);
    // As the engine finds without them: it is taken back for that reason, not for late readings.
    await house.find(spell(lot, NOW - 80 * MINUTE), 'retracted');
    await expect.poll(async () => (await detail(lot.alert)).state, { timeout: 30_000 }).toBe('retracted');
    expect((await detail(lot.alert)).evidence.reason).toBe(
      `its readings were set aside: ${lot.id}, step 1: on the bench`,
    );
    expect((await verdictsOf(lot.alert)).items).toMatchObject([{ case: lot.id, step: { number: 1 } }]);
  });

  test('explains its silence: a case is opened for that by hand, and the silence is over until it is taken back', async () => {
    const device = 'logger-lost';
    await house.find({
      ...{ rule: 'silent', ruleVersion: 1, kind: 'silence', severity: 'warning', key: `${device}/temperature` },
      ...{ from: NOW - HOUR, to: null, endedBy: null, extreme: null, readings: 0, minutesOutOfRange: null, runs: [] },
      ...{ limit: null, detectedAt: NOW, detectedLate: false },
    } as never);
    const find = async () => {
      const { items } = (await house.ask('quality', 'GET', `/alerts?device=${device}`)).body as {
        items: { id: string }[];
      };
      return items[0]?.id ?? '';
    };
    await expect.poll(find, { timeout: 30_000 }).not.toBe('');
    const id = await find();
    expect((await verdictsOf(id)).cases).toEqual([]);
    // Who cannot sign opens no case.
    const wrong = { signature: { ...scene.bySigner(quality.name), password: 'no' } };
    expect((await say(id, { verdict: 'logger broken', since: iso(NOW - HOUR), ...wrong })).status).toBe(401);
    expect((await verdictsOf(id)).cases).toEqual([]);
    const given = await say(id, { verdict: 'logger broken', since: iso(NOW - HOUR) });
    expect(given).toMatchObject({ status: 201, body: { state: 'resolved', step: { number: 1 } } });
    const inCase = String(given.body.case);
    expect((await scene.ask('GET', `/cases/${inCase}`, undefined, quality.cookie)).body).toMatchObject({
      ...{ kind: 'data missing', openedBy: quality.name, title: `Data of ${device} missing` },
      evidence: { alerts: [{ id, state: 'resolved' }] },
    });
    expect(await takeBack(inCase, 1)).toBe(201);
    expect(await detail(id)).toMatchObject({ state: 'open', reopened: 1 });
  });
});

describe('what a verdict is refused for', () => {
  test('of two who judge at once one comes second, and is told what the alert is now', async () => {
    const lot = await scene.excursion();
    const other = await scene.person();
    const { revision } = await detail(lot.alert);
    const both = await Promise.all([
      say(lot.alert, { ...handling, revision }),
      say(lot.alert, { ...handling, revision }, other.cookie, other.name),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(await say(lot.alert, { ...handling, revision })).toMatchObject({
      status: 409,
      body: { code: 'ALERT_STATE_CONFLICT', current: { state: 'resolved' } },
    });
    expect((await verdictsOf(lot.alert)).items).toHaveLength(1);
  });

  test('somebody acted since it was seen; nothing is signed then', async () => {
    const lot = await scene.excursion();
    const { revision } = await detail(lot.alert);
    expect((await house.ask('quality', 'POST', `/alerts/${lot.alert}/acknowledge`, {})).status).toBe(200);
    expect(await say(lot.alert, { ...handling, revision })).toMatchObject({
      status: 409,
      body: { code: 'ALERT_CHANGED', current: { state: 'acknowledged' } },
    });
    expect((await verdictsOf(lot.alert)).items).toEqual([]);
  });

  test('a role that decides nothing, a token, another case, a stretch that ends before it begins, a logger elsewhere', async () => {
    const [lot, other, dock] = [await scene.excursion(), await scene.excursion(), await scene.person('dock')];
    expect((await say(lot.alert, handling, dock.cookie, dock.name)).status).toBe(403);
    const token = await house.ask('quality', 'POST', `/alerts/${lot.alert}/verdicts`, {
      ...{ ...handling, reason: 'on the bench', signature: scene.bySigner('quality') },
    });
    expect(token).toMatchObject({ status: 403, body: { code: 'TOKEN_CANNOT_SIGN' } });
    expect(await say(lot.alert, { ...handling, case: other.id })).toMatchObject({
      status: 422,
      body: { code: 'CASE_TO_NAME', errors: [{ path: 'case', message: `one of ${lot.id}` }] },
    });
    expect(await say(lot.alert, { ...handling, from: handling.to, to: handling.from })).toMatchObject({
      ...{ status: 422, body: { code: 'STEP_SPAN_BAD' } },
    });
    const broken = { verdict: 'logger broken', since: handling.from };
    for (const instead of [lot.device, other.device]) {
      expect(await say(lot.alert, { ...broken, instead })).toMatchObject({
        ...{ status: 422, body: { code: 'DEVICE_NOT_OF_CASE' } },
      });
    }
    expect((await say('nothing', handling)).status).toBe(404);
    expect((await verdictsOf(lot.alert)).items).toEqual([]);
  });
});
