import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Finding, type Role, systemTime } from '../../domain/index.ts';
import type { CaseSummaryView, CaseView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const HOUR = 3_600_000;
const NOW = Date.now();
const iso = (at: number) => new Date(at).toISOString();
const serial = (number: number) => `urn:epc:id:sgtin:0614141.812345.${number}`;
const SSCC = 'urn:epc:id:sscc:0614141.1234567890';
let house: Installation;

beforeAll(async () => {
  house = await Installation.start();
  await house.accounts.users.create({ name: 'paula', role: 'quality', password: 'a long password of paula' });
  await house.ask('logistics', 'POST', '/shipments', {
    ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', products: [] },
    ...{ departs: iso(NOW - 3 * HOUR), arrives: iso(NOW + HOUR) },
    units: [
      { sscc: SSCC, devices: ['logger-7'], children: [serial(1), serial(2), serial(3)], from: iso(NOW - 4 * HOUR) },
    ],
  });
  await house.measure('logger-7', [
    [NOW - 2 * HOUR, 12],
    [NOW - HOUR, 5],
  ]);
  await house.find(EXCURSION);
});
afterAll(() => house.stop());

const EXCURSION: Finding = {
  ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: 'logger-7/temperature' },
  ...{ from: NOW - 2 * HOUR, to: NOW - HOUR, endedBy: 'recovery', extreme: 12, readings: 1, minutesOutOfRange: 60 },
  ...{ runs: [{ from: NOW - 2 * HOUR, to: NOW - HOUR }], limit: 8, detectedAt: NOW, detectedLate: false },
};

async function get<T>(path: string, role: Role = 'quality'): Promise<T> {
  const { status, body } = await house.ask(role, 'GET', path);
  expect(status, path).toBe(200);
  return body as T;
}

async function open(place: string, change: object = {}): Promise<CaseView> {
  const wish = { kind: 'suspect product', title: 'Seal', place, reason: 'the seal is broken', ...change };
  const { status, body } = await house.ask('quality', 'POST', '/cases', wish);
  expect({ status, body }).toMatchObject({ status: 201 });
  return body as CaseView;
}

async function excursionCase(): Promise<CaseSummaryView> {
  for (let tries = 0; tries < 400; tries++) {
    const [found] = (await get<{ items: CaseSummaryView[] }>('/cases?shipment=SHP-1')).items;
    if (found !== undefined) return found;
    await systemTime.sleep('the case of the excursion', 50);
  }
  throw new Error('no case was opened of the excursion');
}

async function attach(
  id: string,
  name: string,
  bytes: string | Uint8Array<ArrayBuffer>,
): Promise<{ status: number; body: CaseView }> {
  const form = new FormData();
  form.append('file', new Blob([bytes]), name);
  const response = await fetch(`${house.url}/api/v1/cases/${id}/attachments`, {
    ...{ method: 'POST', body: form, headers: { authorization: `Bearer ${await house.token('dock')}` } },
  });
  return { status: response.status, body: (await response.json()) as CaseView };
}

test('an excursion is found as a case with its evidence, its clock and its serials', async () => {
  const { id, ...summary } = await excursionCase();
  expect(id).toMatch(/^C-\d{6}$/);
  expect(summary).toMatchObject({
    ...{ kind: 'excursion', state: 'open', subject: { shipment: 'SHP-1', place: null }, openedBy: null, alerts: 1 },
    serials: { affected: 3, undecided: 3, waiting: 0 },
    due: { id: 'target', source: null },
  });
  const detail = await get<CaseView>(`/cases/${id}`);
  expect(detail.evidence.alerts).toMatchObject([{ kind: 'threshold', rule: { id: 'too-warm', version: 1 } }]);
  expect(detail.evidence.devices).toMatchObject([{ id: 'logger-7', readings: 1 }]);
  const first = await get<{ items: { epc: string }[]; nextCursor: string }>(`/cases/${id}/serials?limit=2`);
  const rest = await get<{ items: { epc: string }[]; nextCursor: null }>(
    `/cases/${id}/serials?limit=2&cursor=${first.nextCursor}`,
  );
  expect([...first.items, ...rest.items].map(({ epc }) => epc)).toEqual([serial(1), serial(2), serial(3)]);
  expect(rest.nextCursor).toBeNull();
});

test('a case with undecided serials is not closed', async () => {
  const { id } = await excursionCase();
  const refused = await house.ask('quality', 'POST', `/cases/${id}/close`, { reason: 'in a hurry' });
  expect(refused).toMatchObject({ status: 409, body: { code: 'CASE_UNDECIDED' } });
  expect((await house.ask('quality', 'POST', `/cases/${id}/close`, {})).status).toBe(400);
});

test('a second case of a shipment with an open one is refused and names it', async () => {
  const { id } = await excursionCase();
  const wish = { kind: 'complaint', title: 'Wet boxes', shipment: 'SHP-1', reason: 'the pharmacy says so' };
  const refused = await house.ask('quality', 'POST', '/cases', wish);
  expect(refused).toMatchObject({ status: 409, body: { code: 'CASE_OPEN', detail: expect.stringContaining(id) } });
  expect((await house.ask('quality', 'POST', '/cases', { ...wish, shipment: 'SHP-404' })).status).toBe(404);
  expect((await house.ask('quality', 'POST', '/cases', { ...wish, shipment: null })).status).toBe(422);
  expect((await house.ask('dock', 'POST', '/cases', wish)).status).toBe(403);
});

describe('suspect product (DSCSA)', () => {
  test('it is quarantined at once and, found illegitimate, notified within 24 hours', async () => {
    const opened = await open('site:dscsa', { serials: [serial(41), serial(41), serial(42)] });
    expect(opened.serials).toEqual({ affected: 2, undecided: 2, waiting: 0 });
    expect(opened.clocks.find(({ id }) => id === 'dscsa.quarantine')?.doneAt).toEqual(expect.any(String));
    expect(opened.due).toMatchObject({ id: expect.not.stringMatching('quarantine') });
    const again = `/cases/${opened.id}/clocks/dscsa.quarantine/done`;
    expect((await house.ask('quality', 'POST', again, { reason: 'in the cage' })).body).toMatchObject({
      code: 'CASE_CLOCK_UNKNOWN',
    });
    const found = (
      await house.ask('quality', 'POST', `/cases/${opened.id}/finding`, { illegitimate: true, reason: 'the maker' })
    ).body as CaseView;
    const notification = found.clocks.find(({ id }) => id === 'dscsa.notification');
    const investigation = found.clocks.find(({ id }) => id === 'dscsa.investigation');
    expect(notification?.source).toContain('24 hours');
    expect(Date.parse(notification?.due ?? '') - Date.parse(investigation?.doneAt ?? '')).toBe(24 * HOUR);
    // Twice would let the clock start anew.
    const twice = await house.ask('quality', 'POST', `/cases/${opened.id}/finding`, {
      illegitimate: true,
      reason: 'x y z',
    });
    expect(twice.status).toBe(422);
  });
});

describe('what people say of a case', () => {
  test('a comment mentions users, not addresses of mail and not who is no user', async () => {
    const { id } = await open('site:talk');
    const text = 'ask @paula, or @nobody, or write to lab@paula.example';
    const { status, body } = await house.ask('dock', 'POST', `/cases/${id}/comments`, { text });
    expect(status).toBe(201);
    expect((body as CaseView).comments).toMatchObject([{ number: 1, text, mentions: ['paula'] }]);
  });

  test('a task has an owner who exists and is done once', async () => {
    const { id } = await open('site:tasks');
    const task = { text: 'ask the carrier', owner: 'paula', due: iso(NOW + HOUR) };
    expect((await house.ask('quality', 'POST', `/cases/${id}/tasks`, { ...task, owner: 'nobody' })).status).toBe(422);
    expect((await house.ask('quality', 'POST', `/cases/${id}/tasks`, task)).status).toBe(201);
    const done = (await house.ask('dock', 'POST', `/cases/${id}/tasks/1/done`, {})).body as CaseView;
    const again = (await house.ask('quality', 'POST', `/cases/${id}/tasks/1/done`, {})).body as CaseView;
    expect(again.tasks).toEqual(done.tasks);
    expect(done.tasks).toMatchObject([{ owner: 'paula', due: task.due, doneBy: 'test-dock' }]);
    expect((await house.ask('quality', 'POST', `/cases/${id}/tasks/7/done`, {})).status).toBe(404);
  });

  test('an attachment is what it is, not what it is called, is kept once and comes back to the byte, never in place', async () => {
    const { id } = await open('site:files');
    const page = '<script>alert(1)</script>';
    const { status, body } = await attach(id, '../../etc/evil.html', page);
    expect({ status, files: body.attachments }).toMatchObject({ status: 201, files: [{ mediaType: 'text/plain' }] });
    expect(body.attachments[0]?.name).toBe('evil.html');
    expect((await attach(id, 'again.html', page)).body.attachments).toHaveLength(1);
    expect((await attach(id, 'virus.exe', new Uint8Array([0x4d, 0x5a, 0, 1]))).status).toBe(422);
    expect((await attach(id, 'empty.pdf', '')).status).toBe(422);
    const file = await fetch(`${house.url}/api/v1/cases/${id}/attachments/1`, {
      headers: { authorization: `Bearer ${await house.token('quality')}` },
    });
    expect(await file.text()).toBe(page);
    expect(file.headers.get('x-content-type-options')).toBe('nosniff');
    expect(file.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(file.headers.get('content-type')).toBe('application/octet-stream');
  });

  test('a case nobody needs any more is closed once, and says no more than that after it', async () => {
    const { id } = await open('site:closed', { kind: 'complaint' });
    expect((await house.ask('quality', 'POST', `/cases/${id}/close`, { reason: 'was a joke' })).body).toMatchObject({
      ...{ state: 'closed', due: null },
    });
    const again = await house.ask('quality', 'POST', `/cases/${id}/close`, { reason: 'was a joke' });
    expect(again).toMatchObject({ status: 409, body: { code: 'CASE_CLOSED' } });
    expect(await open('site:closed')).toMatchObject({ follows: id });
  });
});

// By class alone a single vial of class 5 stood above ten thousand of class 4.
test('by worth ten thousand serials of class 4 stand above one of class 5, and what nobody valued above nothing', async () => {
  const { rows } = await house.database.query<{ number: number; class: number | null; serials: number }>(
    `INSERT INTO cases (kind, title, subject, place, opened_at, opened_by, value_class, affected)
     SELECT 'complaint', 'worth', 'place:site:worth-' || n, 'site:worth', date_trunc('milliseconds', now()), 'paula', w.class, w.serials
     FROM (VALUES (1, 5, 1), (2, 4, 10000), (3, NULL, 30000), (4, NULL, 3)) AS w (n, class, serials)
     RETURNING number, value_class AS class, affected AS serials`,
  );
  const wanted = new Map(rows.map(({ number, serials }) => [`C-${String(number).padStart(6, '0')}`, serials]));
  const { items } = await get<{ items: CaseSummaryView[] }>('/cases?limit=500&order=value');
  expect(items.flatMap(({ id }) => wanted.get(id) ?? [])).toEqual([10_000, 30_000, 1, 3]);
});

test('cases are listed by what falls due, by opening and by value, each a page at a time, and found by state', async () => {
  for (const order of ['due', 'opened', 'value']) {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { items: CaseSummaryView[]; nextCursor: string | null } = await get(
        `/cases?limit=2&order=${order}${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    const all = (await get<{ items: CaseSummaryView[] }>('/cases?limit=500')).items.map(({ id }) => id);
    expect(seen.toSorted(), order).toEqual(all.toSorted());
  }
  const closed = await get<{ items: CaseSummaryView[] }>('/cases?state=closed');
  expect(closed.items.every(({ state }) => state === 'closed')).toBe(true);
  expect((await house.ask('quality', 'GET', '/cases?state=lost')).status).toBe(400);
  for (const id of ['C-999999', 'C-1', '1', 'C-0000001', 'c-000001']) {
    expect((await house.ask('quality', 'GET', `/cases/${id}`)).status, id).toBe(404);
  }
});

describe('the data of Form FDA 3911', () => {
  test('are those of the case, on paper too; a case of another kind has none', async () => {
    const { id } = await open('site:3911', { serials: [serial(51), serial(52)] });
    const before = await get<{ items: { item: number; value: string | null }[] }>(`/cases/${id}/form-3911`);
    expect(before.items.find(({ item }) => item === 4)?.value).toBeNull();
    const found = { illegitimate: true, reason: 'the maker knows no such serial' };
    expect((await house.ask('quality', 'POST', `/cases/${id}/finding`, found)).status).toBe(200);
    // Of one zone, as the paper below: in New York it is still yesterday for the first hours of a day in UTC.
    const view = await get<{ items: { item: number; value: string | null }[]; toFillIn: number; serials: object[] }>(
      `/cases/${id}/form-3911?zone=America/New_York`,
    );
    const values = new Map(view.items.map(({ item, value }) => [item, value]));
    expect(values.get(4)).toMatch(/^\d{2}\/\d{2}\/\d{4}$/);
    expect(values.get(12)).toBe('2 packages');
    expect(values.get(17)).toContain('the seal is broken');
    expect(values.get(17)).toContain('the maker knows no such serial');
    expect(view.serials).toHaveLength(2);
    const response = await fetch(`${house.url}/api/v1/cases/${id}/form-3911.pdf?zone=America/New_York`, {
      headers: { authorization: `Bearer ${await house.token('quality')}` },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    const { text } = await extractText(await getDocumentProxy(new Uint8Array(await response.arrayBuffer())), {
      mergePages: true,
    });
    const plain = text.replaceAll(/\s+/g, ' ');
    expect(plain).toContain(`Data for Form FDA 3911, ${id}`);
    expect(plain).toContain('4. Date Company Determined Product Was Illegitimate');
    expect(plain).toContain(String(values.get(4)));
    expect(plain).toContain(`${view.toFillIn} items are not known here`);
    const complaint = await open('site:3911-complaint', { kind: 'complaint' });
    const other = await house.ask('quality', 'GET', `/cases/${complaint.id}/form-3911`);
    expect(other).toMatchObject({ status: 422, body: { code: 'CASE_KIND_OTHER' } });
    expect((await house.ask('quality', 'GET', `/cases/${id}/form-3911?zone=Mars/Base`)).status).toBe(400);
  });
});

describe('a request to trace product of a case', () => {
  const officially = { direction: 'in', partner: 'FDA', official: true, text: 'the transaction history of lot A17' };

  test('has a clock among those of the case until it is answered, once', async () => {
    const { id } = await open('site:trace');
    const at = new Date(NOW - HOUR).toISOString();
    const made = await house.ask('quality', 'POST', `/cases/${id}/trace-requests`, { ...officially, at });
    expect(made).toMatchObject({
      status: 201,
      body: { number: 1, direction: 'in', official: true, at, answer: null, answeredAt: null },
    });
    const clockOf = async () => (await get<CaseView>(`/cases/${id}`)).clocks.find(({ id }) => id === 'dscsa.trace.1');
    expect(await clockOf()).toMatchObject({
      ...{ name: 'Trace request 1 is answered', doneAt: null, due: new Date(NOW + 23 * HOUR).toISOString() },
      source: expect.stringContaining('48 hours'),
    });
    // Nobody says that it is answered without saying what.
    const done = await house.ask('quality', 'POST', `/cases/${id}/clocks/dscsa.trace.1/done`, { reason: 'by phone' });
    expect(done.body).toMatchObject({ code: 'CASE_CLOCK_UNKNOWN' });
    const path = `/cases/${id}/trace-requests/1/answer`;
    const answered = await house.ask('quality', 'POST', path, { answer: 'TI, TH and TS sent by EDI' });
    expect(answered).toMatchObject({ status: 200, body: { answer: 'TI, TH and TS sent by EDI' } });
    expect((await clockOf())?.doneAt).not.toBeNull();
    const again = await house.ask('quality', 'POST', path, { answer: 'once more' });
    expect(again).toMatchObject({ status: 409, body: { code: 'TRACE_REQUEST_ANSWERED' } });
    expect((await get<{ items: object[] }>(`/cases/${id}/trace-requests`)).items).toMatchObject([{ number: 1 }]);
  });

  test('of an official is due within 48 hours; one of ours may wait; none is of the future', async () => {
    const { id } = await open('site:trace-times');
    const ask = async (change: object) =>
      (await house.ask('quality', 'POST', `/cases/${id}/trace-requests`, { ...officially, ...change })).body;
    const late = new Date(NOW + 72 * HOUR).toISOString();
    expect(await ask({ due: late })).toMatchObject({ code: 'TRACE_REQUEST_TIME_BAD' });
    expect(await ask({ at: late })).toMatchObject({ code: 'TRACE_REQUEST_TIME_BAD' });
    expect(await ask({ due: new Date(NOW - HOUR).toISOString() })).toMatchObject({ code: 'TRACE_REQUEST_TIME_BAD' });
    expect(await ask({ direction: 'out', partner: 'the maker', official: false, due: late })).toMatchObject({
      ...{ number: 1, due: late },
    });
    const unknown = await house.ask('quality', 'POST', `/cases/${id}/trace-requests/9/answer`, { answer: 'what' });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'TRACE_REQUEST_UNKNOWN' } });
  });

  test('is listed with those of all cases, the latest first, page by page, until it is answered', async () => {
    const one = await open('site:trace-one');
    const two = await open('site:trace-two');
    const record = (id: string, text: string) =>
      house.ask('quality', 'POST', `/cases/${id}/trace-requests`, { ...officially, text });
    for (const text of ['first of one', 'second of one']) await record(one.id, text);
    await record(two.id, 'first of two');
    const listed = async (query: string) => {
      const page = await get<{ items: { case: string; text: string }[]; nextCursor: string | null }>(
        `/trace-requests?${query}`,
      );
      return { texts: page.items.map(({ text }) => text), next: page.nextCursor };
    };
    const { texts, next } = await listed('limit=2');
    expect(texts).toEqual(['first of two', 'second of one']);
    expect((await listed(`limit=1&cursor=${encodeURIComponent(next ?? '')}`)).texts).toEqual(['first of one']);
    await house.ask('quality', 'POST', `/cases/${two.id}/trace-requests/1/answer`, { answer: 'given' });
    expect((await listed('limit=1')).texts).toEqual(['second of one']);
    expect((await listed('limit=1&state=all')).texts).toEqual(['first of two']);
  });

  test('is recorded and answered once under a key, however often it is sent', async () => {
    const { id } = await open('site:trace-keyed');
    const send = (path: string, body: object, key: string) =>
      house.ask('quality', 'POST', `/cases/${id}/trace-requests${path}`, body, { 'Idempotency-Key': key });
    const made = [await send('', officially, 'trace-1'), await send('', officially, 'trace-1')];
    expect(made.map(({ status, body }) => [status, (body as { number: number }).number])).toEqual([
      [201, 1],
      [201, 1],
    ]);
    const answers = [1, 2].map(() => send('/1/answer', { answer: 'given' }, 'answer-1'));
    for (const { status, body } of await Promise.all(answers)) {
      // Whoever came second at the same moment is told to ask again.
      if (status === 409) expect(body).toMatchObject({ code: 'REQUEST_UNDER_WAY' });
      else expect([status, body]).toEqual([200, expect.objectContaining({ answer: 'given' })]);
    }
    expect((await send('/1/answer', { answer: 'given' }, 'answer-1')).status).toBe(200);
  });
});
