import { afterAll, describe, expect, test } from 'vitest';
import { excursionsOf, HOUR, iso, type Lot, NOW } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';
import { SoftPasskey } from './testing/soft-passkey.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const { ask, person, excursion, revisionOf, bySigner, alone, decision, decide } = excursionsOf(house);

describe('a passkey of who signs a step', () => {
  const base = () => house.url.replace('127.0.0.1', 'localhost');

  test('signs what was shown of it, once, and of its taking back; never another one', async () => {
    const [lot, one] = [await excursion(), await person()];
    const key = new SoftPasskey({ counts: false });
    await key.register(house.database, one.name);
    const path = `/cases/${lot.id}/steps`;
    const wish = async (change: object = {}) => ({
      revision: await revisionOf(lot.id),
      reason: 'looked at',
      ...change,
    });
    const shown = async (at: string, body: object) =>
      ((await ask('POST', at, body, one.cookie, base())).body.passkey as { challenge: string }).challenge;
    const send = async (at: string, body: object, challenge: string) => {
      const signature = { meaning: 'excuse', passkey: key.answer(challenge, base()) };
      return ask('POST', at, { ...body, signature }, one.cookie, base());
    };
    const excuse = await wish({ step: { step: 'excuse', alert: lot.alert } });
    const exclude = await wish({
      step: { step: 'exclude', device: lot.device, from: iso(NOW - 3 * HOUR), to: iso(NOW - HOUR) },
    });
    expect((await send(path, exclude, await shown(`${path}/draft`, excuse))).body.code).toBe('RECORD_OTHER');
    const challenge = await shown(`${path}/draft`, excuse);
    expect(await send(path, excuse, challenge)).toMatchObject({
      ...{ status: 201, body: { number: 1, step: 'excuse', signature: { by: one.name, method: 'passkey' } } },
    });
    const again = await wish({ step: { step: 'excuse', alert: lot.alert } });
    expect((await send(path, again, challenge)).body.code).toBe('PASSKEY_CHALLENGE_VOID');
    const undo = await wish();
    const back = await shown(`${path}/1/undo/draft`, undo);
    expect(await send(`${path}/1/undo`, undo, back)).toMatchObject({ status: 201, body: { number: 2, undoes: 1 } });
    expect((await ask('POST', `${path}/1/undo/draft`, await wish(), one.cookie, base())).body.code).toBe('STEP_UNDONE');
  });
});

describe('a step', () => {
  const step = async (lot: Lot, cookie: string, what: object, change: object = {}) =>
    ask(
      'POST',
      `/cases/${lot.id}/steps`,
      { revision: await revisionOf(lot.id), reason: 'looked at', step: what, signature: alone, ...change },
      cookie,
    );
  const undo = async (lot: Lot, cookie: string, number: number) =>
    ask(
      'POST',
      `/cases/${lot.id}/steps/${number}/undo`,
      { revision: await revisionOf(lot.id), reason: 'not so', signature: alone },
      cookie,
    );
  /** What is proposed, and the figures it rests on. */
  const drafted = async (lot: Lot, cookie: string) => {
    const { body } = await ask(
      'POST',
      `/cases/${lot.id}/decisions/draft`,
      await decision(lot, {}, { signature: undefined }),
      cookie,
    );
    const { groups } = JSON.parse(String(body.record)) as {
      groups: { proposal: object; exposure: object; budget: object }[];
    };
    const [{ proposal, exposure, budget } = { proposal: {}, exposure: {}, budget: {} }] = groups;
    return { proposal, exposure, budget };
  };
  const begun = async () => {
    const [lot, one] = [await excursion(), await person()];
    const wrong = { ...bySigner(one.name), meaning: 'reviewed' };
    const first = { revision: await revisionOf(lot.id), reason: 'looked at', signature: wrong };
    expect(
      (
        await ask(
          'POST',
          `/cases/${lot.id}/steps`,
          { ...first, step: { step: 'excuse', alert: lot.alert } },
          one.cookie,
        )
      ).status,
    ).toBe(201);
    expect((await undo(lot, one.cookie, 1)).status).toBe(201);
    return { lot, ...one };
  };

  test('excuses an excursion and gives its time back; taken back, all is as it was', async () => {
    const { lot, cookie } = await begun();
    const before = await drafted(lot, cookie);
    expect(before.proposal).toMatchObject({ disposition: 'quarantine' });
    const { body } = await step(lot, cookie, { step: 'excuse', alert: lot.alert });
    expect(body).toMatchObject({
      number: 3,
      step: 'excuse',
      detail: { alert: lot.alert },
      undoneBy: null,
      undoes: null,
    });
    expect((await drafted(lot, cookie)).proposal).toMatchObject({
      reasons: expect.arrayContaining(['40 min of that are excused by a signed step.']),
    });
    expect(await undo(lot, cookie, 3)).toMatchObject({ status: 201, body: { number: 4, undoes: 3 } });
    expect(await drafted(lot, cookie)).toEqual(before);
    expect((await undo(lot, cookie, 3)).body.code).toBe('STEP_UNDONE');
  });

  test('declares a logger broken, or its values implausible: they are set aside, and count again when it is taken back', async () => {
    const { lot, cookie } = await begun();
    const span = { device: lot.device, from: iso(NOW - 2 * HOUR), to: iso(NOW - HOUR) };
    const before = await drafted(lot, cookie);
    expect(before.exposure).toMatchObject({ minutesOutOfRange: 40 });
    expect((await step(lot, cookie, { step: 'declare broken', ...span, instead: null })).status).toBe(201);
    expect((await drafted(lot, cookie)).exposure).toMatchObject({
      minutesOutOfRange: 0,
      minutesSuspect: expect.closeTo(65, 0),
    });
    await undo(lot, cookie, 3);
    expect(await drafted(lot, cookie)).toEqual(before);
  });

  test('excludes handling that is no part of the journey', async () => {
    const { lot, cookie } = await begun();
    await step(lot, cookie, { step: 'exclude', device: lot.device, from: iso(NOW - 3 * HOUR), to: iso(NOW - HOUR) });
    expect((await drafted(lot, cookie)).exposure).toMatchObject({ minutesOutOfRange: 0, minutesUnknown: 0 });
  });

  test('under a decision reopens the case as "evidence changed", and the decision says what changed', async () => {
    const { lot, cookie } = await begun();
    await decide(lot, cookie, alone);
    const state = async () =>
      (await house.database.query('SELECT state FROM cases WHERE number = $1', [Number(lot.id.slice(2))])).rows[0];
    expect(await state()).toEqual({ state: 'decided' });
    await step(lot, cookie, { step: 'excuse', alert: lot.alert });
    expect(await state()).toEqual({ state: 'evidence changed' });
    await decide(lot, cookie, alone, { disposition: 'release' });
    expect(await state()).toEqual({ state: 'decided' });
  });

  test('is refused of an alert of another case, a span that ends before it begins, and without a signature of a person', async () => {
    const { lot, cookie } = await begun();
    const other = await excursion();
    const refusals = [
      await step(lot, cookie, { step: 'excuse', alert: other.alert }),
      await step(lot, cookie, { step: 'exclude', device: lot.device, from: iso(NOW), to: iso(NOW - HOUR) }),
      await step(lot, cookie, { step: 'exclude', device: 'logger-of-nobody', from: iso(NOW - HOUR), to: iso(NOW) }),
      await undo(lot, cookie, 77),
      await step(lot, cookie, { step: 'excuse', alert: lot.alert }, { revision: 1 }),
    ];
    expect(refusals.map(({ body }) => body.code)).toEqual([
      ...['ALERT_NOT_OF_CASE', 'STEP_SPAN_BAD', 'DEVICE_NOT_OF_CASE', 'STEP_UNKNOWN', 'CASE_CHANGED'],
    ]);
    for (const [from, to] of [
      ['0026-11-22T10:00:00Z', iso(NOW)],
      [iso(NOW - HOUR), '2206-11-22T10:00:00Z'],
    ]) {
      const { body } = await step(lot, cookie, { step: 'exclude', device: lot.device, from, to });
      expect([body.code, body.detail]).toEqual([
        'STEP_SPAN_BAD',
        expect.stringContaining('plausible are 2000-01-01 to'),
      ]);
    }
    const token = await house.ask('quality', 'POST', `/cases/${lot.id}/steps`, {
      revision: 1,
      reason: 'looked at',
      step: { step: 'excuse', alert: lot.alert },
      signature: alone,
    });
    expect(token.status).toBe(403);
  });
});
