import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExceptionDetailView, LinkedExceptionView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const WHOLE = { name: 'Wholesale GmbH', glns: ['4012345000009'], sends: ['answers'] };
const SHORT = {
  ...{ kind: 'shortage', partner: 'whole', title: 'Two vials short on DEL100', text: 'We counted 98 of 100.' },
  ...{ shipment: 'DEL100', epcs: ['urn:epc:id:sgtin:0614141.812345.7'] },
};
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const ask = (method: string, path: string, body?: unknown) => house.ask('logistics', method, path, body);

async function opened(change: object = {}): Promise<ExceptionDetailView> {
  const { status, body } = await ask('POST', '/exceptions', { ...SHORT, ...change });
  expect([status, body]).toEqual([201, expect.anything()]);
  return body as ExceptionDetailView;
}

async function shared(id: string): Promise<{ token: string; link: number }> {
  const { status, body } = await ask('POST', `/exceptions/${id}/links`, {
    recipient: 'Ann, Wholesale',
    endsAt: inDays(7),
  });
  expect(status).toBe(201);
  const { path, id: link } = body as { path: string; id: number };
  return { token: path.replace('/answer/', ''), link };
}

/** A form as a browser sends it. */
async function upload(path: string, name: string, bytes: Uint8Array<ArrayBuffer>, as: 'logistics' | null = null) {
  const form = new FormData();
  form.set('author', 'Ann');
  form.set('text', 'the photo');
  form.set('file', new Blob([bytes]), name);
  const headers = as === null ? {} : { authorization: `Bearer ${await house.token(as)}` };
  return fetch(`${house.url}/api/v1${path}`, { method: 'POST', headers, body: form });
}

async function actions(id: string): Promise<readonly string[]> {
  const { body } = await house.ask('admin', 'GET', `/audit?subject=exception:${id}&limit=100`);
  return (body as { items: { action: string }[] }).items.map(({ action }) => action).toReversed();
}

beforeAll(async () => {
  await house.ask('admin', 'PUT', '/partners/whole', WHOLE);
});

describe('an exception', () => {
  test('is shared by a link without an account, answered, and settled; each step stands in the audit trail', async () => {
    const { id, state, thread } = await opened();
    expect([id, state, thread]).toEqual([expect.stringMatching(/^E-\d{6}$/), 'open', [expect.anything()]]);
    const { token } = await shared(id);
    await fetch(`${house.url}/api/v1/answer/${token}/visits`, { method: 'POST' });
    await fetch(`${house.url}/api/v1/answer/${token}/visits`, { method: 'POST' });
    const seen = (await house.ask(null, 'GET', `/answer/${token}`)).body as LinkedExceptionView;
    expect(seen).toMatchObject({ state: 'shared', title: SHORT.title, recipient: 'Ann, Wholesale' });
    const said = { author: 'Ann', text: 'They lie in our dock; sent today.', answer: 'confirmed' };
    expect((await house.ask(null, 'POST', `/answer/${token}/entries`, said)).status).toBe(201);
    const answered = (await ask('GET', `/exceptions/${id}`)).body as ExceptionDetailView;
    expect(answered).toMatchObject({
      state: 'answered',
      thread: [{ side: 'ours' }, { side: 'theirs', author: 'Ann' }],
    });
    await ask('POST', `/exceptions/${id}/entries`, { text: 'Arrived, thank you.', answer: 'settled' });
    expect((await house.ask(null, 'POST', `/answer/${token}/entries`, said)).status).toBe(409);
    expect(await actions(id)).toEqual([
      ...['exception.open', 'exception.say', 'exception.share', 'exception.view', 'exception.say', 'exception.settled'],
    ]);
  });

  test('what either side said can be changed by nobody', async () => {
    const { id } = await opened();
    await expect(house.database.query("UPDATE exception_entries SET text = 'nothing'")).rejects.toThrow(/not changed/);
    await expect(house.database.query('DELETE FROM exception_entries')).rejects.toThrow(/not changed/);
    expect(((await ask('GET', `/exceptions/${id}`)).body as ExceptionDetailView).thread).toHaveLength(1);
  });

  test('a withdrawn link and a wrong one show the same: nothing', async () => {
    const { id } = await opened();
    const { token, link } = await shared(id);
    await ask('DELETE', `/exceptions/${id}/links/${link}`);
    const [withdrawn, wrong] = [
      await house.ask(null, 'GET', `/answer/${token}`),
      await house.ask(null, 'GET', '/answer/none'),
    ];
    expect([withdrawn.status, withdrawn.body]).toEqual([404, wrong.body]);
  });

  test('a file is taken by what it is, and given back to the byte, hashed', async () => {
    const { id } = await opened();
    const { token } = await shared(id);
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
    expect((await upload(`/answer/${token}/files`, 'seal.png', png)).status).toBe(201);
    expect((await upload(`/answer/${token}/files`, 'tool.exe', Uint8Array.from([0x4d, 0x5a, 0, 0]))).status).toBe(422);
    const given = await fetch(`${house.url}/api/v1/answer/${token}/files/2`);
    expect(new Uint8Array(await given.arrayBuffer())).toEqual(png);
    expect(given.headers.get('content-disposition')).toMatch(/^attachment/);
    const { thread } = (await ask('GET', `/exceptions/${id}`)).body as ExceptionDetailView;
    expect(thread[1]).toMatchObject({ file: { name: 'seal.png', type: 'image/png', sha256: expect.any(String) } });
  });

  test('is late when its days are over, and listed until it is settled', async () => {
    const { id } = await opened({ due: inDays(-1), shipment: 'LATE' });
    const listed = async (query: string) =>
      ((await ask('GET', `/exceptions?shipment=LATE${query}`)).body as { items: { id: string; overdue: boolean }[] })
        .items;
    expect(await listed('')).toMatchObject([{ id, overdue: true }]);
    await ask('POST', `/exceptions/${id}/entries`, { text: 'found', answer: 'settled' });
    expect([await listed(''), await listed('&state=all')]).toMatchObject([[], [{ id, overdue: false }]]);
  });

  test('that a partner has filled by its link can be settled all the same', async () => {
    const { id } = await opened();
    const { token } = await shared(id);
    await house.database.query(
      `INSERT INTO exception_entries (exception, number, side, author, at, text, sha256)
       SELECT $1, n, 'theirs', 'Ann', now(), 'again', 'x' FROM generate_series(2, 500) n`,
      [Number(id.slice(2))],
    );
    const more = { text: 'and again' };
    expect((await house.ask(null, 'POST', `/answer/${token}/entries`, { ...more, author: 'Ann' })).status).toBe(409);
    expect((await ask('POST', `/exceptions/${id}/entries`, more)).status).toBe(409);
    const ended = await ask('POST', `/exceptions/${id}/entries`, { text: 'over', answer: 'settled' });
    expect(ended).toMatchObject({ status: 201, body: { state: 'settled' } });
  });

  test('takes no more files than there is room for: who has a link needs no account', async () => {
    const { id } = await opened();
    const { token } = await shared(id);
    await house.database.query(
      `INSERT INTO exception_entries (exception, number, side, author, at, text, sha256, file_name, file_type, file_sha256, file)
       VALUES ($1, 2, 'theirs', 'Ann', now(), 'a file', 'x', 'a.txt', 'text/plain', 'x', convert_to(repeat('x', 50 * 1024 * 1024), 'UTF8'))`,
      [Number(id.slice(2))],
    );
    const response = await upload(`/answer/${token}/files`, 'b.txt', new TextEncoder().encode('one more'));
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([409, 'EXCEPTION_FULL']);
  });

  test('with nobody who is known is refused', async () => {
    expect((await ask('POST', '/exceptions', { ...SHORT, partner: 'nobody' })).status).toBe(404);
  });
});

describe('two installations that are partners', () => {
  let other: Installation;
  beforeAll(async () => {
    other = await Installation.start();
  });
  afterAll(() => other.stop());

  /** `here` knows `there` as `id`, and is known there as `own`; each has a token of the other. */
  async function meet(here: Installation, id: string, there: Installation, own: string) {
    const know = async (one: Installation, whom: string, change: object) =>
      one.ask('admin', 'PUT', `/partners/${whom}`, { name: whom, sends: ['answers'], ...change });
    const reach = async (one: Installation, whom: string, other: Installation, self: string) => {
      const { body } = await other.ask('admin', 'POST', `/partners/${self}/tokens`, { name: `${self}-system` });
      const { token } = body as { token: string };
      await know(one, whom, {
        endpoints: { webhook: `${other.url}/api/v1/partners/${self}/exceptions` },
        secrets: { authorization: `Bearer ${token}` },
      });
    };
    await Promise.all([know(here, id, {}), know(there, own, {})]);
    await reach(here, id, there, own);
    await reach(there, own, here, id);
  }

  test('tell each other by webhook, each entry once however often it is sent, and each keeps its own thread', async () => {
    await meet(house, 'maker', other, 'dealer');
    const { id } = await opened({ partner: 'maker' });
    const tell = async (from: Installation, which: string) =>
      (await from.ask('logistics', 'POST', `/exceptions/${which}/tell`)).body as { failure: string | null };
    for (const _ of [1, 2]) expect(await tell(house, id)).toEqual({ failure: null });
    const { items } = (await other.ask('logistics', 'GET', '/exceptions')).body as { items: ExceptionDetailView[] };
    expect(items).toMatchObject([{ theirs: true, reference: id, kind: 'shortage', state: 'shared' }]);
    const there = items[0]?.id ?? '';
    await other.ask('logistics', 'POST', `/exceptions/${there}/entries`, { text: 'Sent again.', answer: 'corrected' });
    for (const _ of [1, 2]) expect(await tell(other, there)).toEqual({ failure: null });
    expect((await ask('GET', `/exceptions/${id}`)).body).toMatchObject({
      ...{ state: 'answered', reference: there },
      thread: [
        { side: 'ours' },
        { side: 'theirs', text: 'Sent again.', answer: 'corrected', author: 'test-logistics' },
      ],
    });
    await ask('POST', `/exceptions/${id}/entries`, { text: 'Here now.', answer: 'settled' });
    for (const _ of [1, 2]) expect(await tell(house, id)).toEqual({ failure: null });
    const over = (await other.ask('logistics', 'GET', `/exceptions/${there}`)).body as ExceptionDetailView;
    expect([over.state, over.thread.length]).toEqual(['settled', 3]);
  });

  test('answer what the other opened, and settle what they opened themselves', async () => {
    const { id } = await opened({ partner: 'maker', title: 'One too many' });
    await ask('POST', `/exceptions/${id}/tell`);
    const { items } = (await other.ask('logistics', 'GET', '/exceptions')).body as { items: ExceptionDetailView[] };
    const there = items.find(({ reference }) => reference === id)?.id ?? '';
    const settled = { text: 'We hold it for settled.', answer: 'settled' };
    const refused = await other.ask('logistics', 'POST', `/exceptions/${there}/entries`, settled);
    expect(refused).toMatchObject({ status: 409, body: { code: 'EXCEPTION_THEIRS' } });
    // A partner whose system says so all the same: it is its word, and no end of ours.
    const { body } = await house.ask('admin', 'POST', '/partners/maker/tokens', { name: 'maker-other-system' });
    const message = {
      exception: there,
      yours: id,
      kind: 'shortage',
      title: 'One too many',
      entry: { number: 2, author: 'M' },
    };
    const response = await fetch(`${house.url}/api/v1/partners/maker/exceptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${(body as { token: string }).token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'exception.entry', data: { ...message, entry: { ...message.entry, ...settled } } }),
    });
    expect([response.status, await response.json()]).toEqual([200, { exception: id }]);
    const after = (await ask('GET', `/exceptions/${id}`)).body as ExceptionDetailView;
    expect(after).toMatchObject({
      state: 'answered',
      closedAt: null,
      thread: [{}, { side: 'theirs', answer: 'settled' }],
    });
    expect(await actions(id)).toEqual(['exception.open', 'exception.say', 'exception.tell', 'exception.say']);
  });

  test('see what the other could not be told, and that it is tried again', async () => {
    await house.ask('admin', 'PUT', '/partners/away', {
      ...{ name: 'Away', sends: ['answers'], endpoints: { webhook: 'http://127.0.0.1:1/hook' } },
    });
    const { id } = await opened({ partner: 'away' });
    const { body } = await ask('POST', `/exceptions/${id}/tell`);
    expect(body).toEqual({ failure: expect.stringContaining('ECONNREFUSED') });
    const { telling, state } = (await ask('GET', `/exceptions/${id}`)).body as ExceptionDetailView;
    expect([state, telling]).toMatchObject(['open', { attempts: 1, nextAt: expect.any(String) }]);
  });

  test('that agreed on nothing take nothing', async () => {
    await house.ask('admin', 'PUT', '/partners/mute', { name: 'mute' });
    const { body } = await house.ask('admin', 'POST', '/partners/mute/tokens', { name: 'mute-system' });
    const { status } = await fetch(`${house.url}/api/v1/partners/mute/exceptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${(body as { token: string }).token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'partner.test', data: { partner: 'mute' } }),
    });
    expect(status).toBe(403);
  });
});
