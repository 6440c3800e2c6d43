import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeBatch } from '../../codecs/batch/index.ts';
import { systemTime } from '../../domain/index.ts';
import { door, pallet, through, vials } from '../../trace/testing/yard.ts';
import type { ReconciliationView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const DOCK = door('dock-1');
const iso = (at: number) => new Date(at).toISOString();

describe('settling from a screen that was away', () => {
  let house: Installation;
  let sequence = 0;

  beforeAll(async () => {
    house = await Installation.start();
    const site = { id: 'site:lyon', kind: 'site', name: 'Lyon', parent: null, zone: 'Europe/Paris' } as const;
    await house.tell({ type: 'place', place: site, by: 'test' }, { type: 'portal', portal: DOCK, by: 'test' });
    const units = Array.from({ length: 13 }, (_, n) => ({
      ...{ sscc: pallet(n), devices: [], from: iso(NOW - 20 * HOUR) },
      children: vials(n * 100 + 1, n * 100 + 4),
    }));
    const journey = { departs: iso(NOW - 19 * HOUR), arrives: iso(NOW + HOUR), profile: '2-8C', products: [] };
    const notice = { id: 'SHP-1', ...journey, origin: 'site:berlin', destination: 'site:lyon', units };
    expect((await house.ask('logistics', 'POST', '/shipments', notice)).status).toBeLessThan(300);
  });
  afterAll(() => house.stop());

  /** A pallet that comes through with one serial missing. @returns the pass and what differs */
  async function shortPallet(n: number, more: readonly string[] = []): Promise<{ path: string; line: string }> {
    const when = NOW - 10 * HOUR + n * 10 * MINUTE;
    const complete = DOCK.antennas.map(({ reader }) => ({ reader, at: when + MINUTE }));
    const batch = { gateway: 'gw-lyon', sequence: ++sequence, at: when, gpi: [], gaps: [], complete };
    await house.log.append([
      {
        ...{ family: 'trace', kind: 'sightings', version: 1, source: 'gw-lyon', sequence },
        arrival: systemTime.now(),
        payload: encodeBatch({
          ...batch,
          sightings: through(DOCK, 'in', when, [pallet(n), ...vials(n * 100 + 1, n * 100 + 3), ...more]),
        }),
      },
    ]);
    const passes = async () =>
      (await house.ask('dock', 'GET', '/portals/dock-1/passes')).body as {
        items: { id: string; from: string; isProvisional: boolean }[];
      };
    const pass = await expect
      .poll(async () => (await passes()).items.find((one) => one.from === iso(when) && !one.isProvisional)?.id)
      .toBeDefined()
      .then(async () => (await passes()).items.find((one) => one.from === iso(when))?.id);
    const path = `/passes/${pass}/reconciliation`;
    return { path, line: (await differences(path)).lines[0]?.id ?? '' };
  }

  async function differences(path: string): Promise<ReconciliationView> {
    return (await house.ask('dock', 'GET', path)).body as ReconciliationView;
  }

  function settle(path: string, body: object, key: string | null, role: 'dock' | 'operations' = 'dock') {
    return house.ask(role, 'POST', `${path}/settle`, body, key === null ? {} : { 'Idempotency-Key': key });
  }

  test('what is sent again under its key is applied once, and answered the same', async () => {
    const { path, line } = await shortPallet(1);
    const key = randomUUID();
    const decidedAt = iso(NOW - HOUR);
    const body = { lines: [line], how: 'scan', reason: 'found under the foil', decidedAt };
    const first = await settle(path, body, key);
    expect(first.status).toBe(200);
    const again = await settle(path, body, key);
    expect([again.status, again.body]).toEqual([200, first.body]);
    const { open, lines } = await differences(path);
    expect({ open, lines }).toMatchObject({ open: 0, lines: [{ settlement: { by: 'test-dock', at: decidedAt } }] });
    const { body: trail } = await house.ask('quality', 'GET', '/audit?action=difference.settle');
    expect(
      (trail as { items: { new: unknown }[] }).items.filter((one) => JSON.stringify(one).includes('under the foil')),
    ).toHaveLength(1);
  });

  test('without its key, after an answer that was lost, it is known by what it says', async () => {
    const { path, line } = await shortPallet(2);
    const body = { lines: [line], how: 'recount', reason: 'counted again', decidedAt: iso(NOW - HOUR) };
    expect((await settle(path, body, null)).status).toBe(200);
    expect((await settle(path, body, null)).status).toBe(200);
    expect(await settle(path, { ...body, reason: 'another' }, null)).toMatchObject({
      status: 409,
      body: { code: 'DIFFERENCE_CHANGED', detail: expect.stringContaining('test-dock settled last') },
    });
  });

  test('a key of another request is refused, and so is one that is none', async () => {
    const { path, line } = await shortPallet(3);
    const key = randomUUID();
    const body = { lines: [line], how: 'scan', reason: 'found' };
    expect((await settle(path, body, key)).status).toBe(200);
    expect(await settle(path, { ...body, reason: 'lost' }, key)).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect(await settle(path, body, 'é')).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_BAD' } });
    // The same key of somebody else is another key.
    expect((await settle(path, body, key, 'operations')).status).toBe(409);
  });

  test('a refusal is not kept: what is right by then is applied', async () => {
    const { path, line } = await shortPallet(4);
    const key = randomUUID();
    expect((await settle(path, { lines: ['0123456789abcdef'], how: 'scan', reason: 'found' }, key)).status).toBe(409);
    expect((await settle(path, { lines: [line], how: 'scan', reason: 'found' }, key)).status).toBe(200);
  });

  // Whoever asked again after a kill was told for half a minute that his request was under way.
  test('killed before it was answered: who asks again is answered at once, and it is applied once', async () => {
    const { path, line } = await shortPallet(10);
    const { path: other } = await shortPallet(11);
    const asked = [
      { door: `${path}/settle`, body: { lines: [line], how: 'scan', reason: 'behind the pillar' }, key: randomUUID() },
      { door: '/shipments/SHP-1/counts', body: { unit: pallet(11), found: vials(1_101, 1_104) }, key: randomUUID() },
      {
        door: `${other.replace('/reconciliation', '')}/damages`,
        body: { epcs: vials(1_101, 1_101), note: 'crushed corner' },
        key: randomUUID(),
      },
    ];
    const send = ({ door, body, key }: (typeof asked)[number]) =>
      house.ask('dock', 'POST', door, body, { 'Idempotency-Key': key });
    const told = async () => {
      const { rows } = await house.database.query(
        `SELECT (SELECT count(*) FROM pass_damages WHERE note = 'crushed corner') AS damages,
                (SELECT count(*) FROM unit_counts WHERE unit = $1) AS counts,
                (SELECT count(*) FROM audit_entries WHERE action = 'difference.settle') AS settled`,
        [pallet(11)],
      );
      return rows;
    };
    for (const one of asked) expect((await send(one)).status).toBeLessThan(300);
    await expect.poll(told).toMatchObject([{ damages: 1, counts: 1 }]);
    const once = await told();
    // As a kill leaves it that comes after the log and before the answer.
    await house.database.query(
      'UPDATE answered_requests SET status = NULL, answer = NULL, location = NULL WHERE key = ANY ($1)',
      [asked.map(({ key }) => key)],
    );
    for (const one of asked) {
      await expect.poll(async () => (await send(one)).status).toBe(200);
    }
    expect(await told()).toEqual(once);
  });

  test('killed after its moment was noted and before it was told: it is told with that moment', async () => {
    const { path, line } = await shortPallet(12);
    const [key, at] = [randomUUID(), NOW - HOUR];
    const body = { lines: [line], how: 'scan', reason: 'under the dock plate' };
    const sha256 = createHash('sha256').update(JSON.stringify(body)).digest();
    await house.database.query(
      `INSERT INTO answered_requests (who, key, door, sha256, began_at, made)
       SELECT who, $1, $2, $3, now(), $4 FROM answered_requests WHERE who LIKE 'token:%' AND door LIKE '%/counts' LIMIT 1`,
      [key, `POST /api/v1${path}/settle`, sha256, String(at)],
    );
    await expect.poll(async () => (await settle(path, body, key)).status).toBe(200);
    expect((await differences(path)).lines).toMatchObject([{ settlement: { by: 'test-dock', at: iso(at) } }]);
  });

  // The later of the two was written over the earlier, and both were told that it was done.
  test('of two who settle the same at the same moment one is told that the other was first', async () => {
    const { path, line } = await shortPallet(5);
    const wish = (reason: string) => ({ lines: [line], how: 'scan', reason });
    const answers = await Promise.all([
      settle(path, wish('marta found it'), randomUUID()),
      settle(path, wish('jan found it'), randomUUID(), 'operations'),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const by = answers[0]?.status === 200 ? 'test-dock' : 'test-operations';
    expect((await differences(path)).lines[0]?.settlement?.by).toBe(by);
  });

  // A pack that a person had taken off the pallet was still said to lie in its box.
  test('what was taken off is in no unit any more, from when the person decided it, and only once', async () => {
    const [stranger] = vials(9_001, 9_001);
    const packing = { unit: pallet(90), children: [stranger ?? ''], isUnpacked: false, from: NOW - 18 * HOUR };
    await house.tell({ type: 'packing', packing, by: 'test' });
    const { path } = await shortPallet(7, [stranger ?? '']);
    const before = await differences(path);
    const tooMany = before.lines.find(({ serials }) => serials.includes(stranger ?? ''));
    const decidedAt = iso(NOW - HOUR);
    const how = { how: 'scan', reason: 'took off 9001', decidedAt };
    const wish = { lines: before.lines.map(({ id }) => id), ...how };
    expect(await settle(path, { ...wish, takenOff: vials(701, 701) }, null)).toMatchObject({
      status: 422,
      body: { code: 'TAKEN_OFF_OTHER' },
    });
    const body = { lines: [tooMany?.id], ...how, takenOff: [stranger] };
    for (const key of [randomUUID(), null]) expect((await settle(path, body, key)).status).toBe(200);
    const { rows } = await house.database.query(
      'SELECT parent, since, until FROM containment WHERE child = $1 AND holds ORDER BY since',
      [stranger],
    );
    expect(rows).toEqual([
      { parent: pallet(90), since: NOW - 18 * HOUR, until: NOW - HOUR },
      { parent: null, since: NOW - HOUR, until: null },
    ]);
    const { body: trail } = await house.ask('quality', 'GET', '/audit?action=unit.unpack');
    expect((trail as { items: unknown[] }).items).toMatchObject([{ subject: `unit:${pallet(90)}` }]);
  });

  test('a decision of the future is refused: some clock is wrong', async () => {
    const { path, line } = await shortPallet(6);
    const body = { lines: [line], how: 'scan', reason: 'found', decidedAt: iso(Date.now() + HOUR) };
    expect(await settle(path, body, randomUUID())).toMatchObject({ status: 422, body: { code: 'DECIDED_AT_AHEAD' } });
    expect((await differences(path)).open).toBe(1);
  });

  test('what is damaged is kept with its photos by their hash, makes its serials damaged, and is said once', async () => {
    const { path } = await shortPallet(8);
    const pass = path.replace('/reconciliation', '');
    const photo = Buffer.from('/9j/4AAQSkZJRgABAQAAAQABAAD/2gAIAQEAAD8AEv/Z', 'base64');
    const sendPhoto = async (bytes: Buffer, type = 'image/jpeg') => {
      const headers = { authorization: `Bearer ${await house.token('dock')}`, 'content-type': type };
      const answer = await fetch(`${house.url}/api/v1${pass}/photos`, {
        method: 'POST',
        headers,
        body: new Uint8Array(bytes),
      });
      return { status: answer.status, body: (await answer.json()) as { sha256: string; code: string } };
    };
    const first = await sendPhoto(photo);
    expect(first).toMatchObject({ status: 201, body: { mediaType: 'image/jpeg' } });
    expect(await sendPhoto(photo)).toEqual(first);
    expect(await sendPhoto(Buffer.from('GIF89a'))).toMatchObject({ status: 422, body: { code: 'PHOTO_BAD' } });
    expect((await sendPhoto(photo, 'image/gif')).status).toBe(415);
    for (let n = 101; n < 120; n++) {
      const other = Buffer.concat([photo.subarray(0, -3), Buffer.from([n]), photo.subarray(-2)]);
      expect((await sendPhoto(other)).status).toBe(201);
    }
    const oneMore = Buffer.concat([photo.subarray(0, -3), Buffer.from([99]), photo.subarray(-2)]);
    expect(await sendPhoto(oneMore)).toMatchObject({ status: 422, body: { code: 'PHOTOS_MANY' } });

    const decidedAt = iso(NOW - HOUR);
    const { sha256 } = first.body;
    const body = { epcs: vials(801, 802), photos: [sha256], note: 'wet corner', decidedAt };
    const report = (one: object, key: string | null = null) =>
      house.ask('dock', 'POST', `${pass}/damages`, one, key === null ? {} : { 'Idempotency-Key': key });
    expect(await report({ ...body, epcs: vials(101, 101) })).toMatchObject({ body: { code: 'DAMAGED_OTHER' } });
    expect(await report({ ...body, photos: ['0'.repeat(64)] })).toMatchObject({
      body: { code: 'DAMAGE_PHOTO_MISSING' },
    });
    const key = randomUUID();
    for (const again of [key, key, null]) expect((await report(body, again)).status).toBe(200);
    const found = { epcs: vials(801, 802), photos: [sha256], note: 'wet corner', by: 'test-dock', at: decidedAt };
    expect((await house.ask('quality', 'GET', `${pass}/damages`)).body).toEqual({ items: [found] });

    const token = await house.token('quality');
    const shown = await fetch(`${house.url}/api/v1${pass}/photos/${sha256}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(
      createHash('sha256')
        .update(Buffer.from(await shown.arrayBuffer()))
        .digest('hex'),
    ).toBe(sha256);
    expect((await house.ask('quality', 'GET', `${pass}/photos/${'0'.repeat(64)}`)).status).toBe(404);

    const { rows } = await house.database.query('SELECT DISTINCT status FROM serials WHERE epc = ANY($1)', [body.epcs]);
    expect(rows).toEqual([{ status: 'damaged' }]);
    const { body: shipment } = await house.ask('quality', 'GET', '/shipments/SHP-1/reconciliation');
    const line = expect.objectContaining({ term: 'damaged', serials: vials(801, 802), state: 'open' });
    expect((shipment as ReconciliationView).lines).toContainEqual(line);
    const subject = `pass:${pass.split('/').at(-1)}`;
    const { body: trail } = await house.ask(
      'quality',
      'GET',
      `/audit?subject=${encodeURIComponent(subject)}&limit=100`,
    );
    const actions = (trail as { items: { action: string }[] }).items.map(({ action }) => action);
    expect(actions.filter((one) => one === 'goods.damage')).toHaveLength(1);
    expect(actions.filter((one) => one === 'pass.photograph')).toHaveLength(20);

    const { body: drafts } = await house.ask('logistics', 'GET', `${pass}/exceptions/draft`);
    const { items } = drafts as { items: { kind: string; finding: string }[] };
    expect(items.filter(({ kind }) => kind === 'damage')).toEqual([
      expect.objectContaining({
        text: `Damaged when it came: 2 packs or units, seen by test-dock at ${decidedAt}. wet corner Photos with SHA-256 ${sha256} are kept here.`,
        ...{ epcs: vials(801, 802), shipment: 'SHP-1', finding: `${subject}/damage-1` },
      }),
    ]);
    expect(items.some(({ kind, finding }) => kind === 'shortage' && finding.startsWith('difference:'))).toBe(true);
    expect((await house.ask('logistics', 'GET', '/passes/none/exceptions/draft')).status).toBe(404);
  });

  // A gateway that was away hands in what was read between two passes: they were one, and the shorter is no more.
  test('what is damaged, with its photo, is found with the pass that its own became part of', async () => {
    const { path } = await shortPallet(9);
    const name = path.split('/')[2] ?? '';
    const when = NOW - 10 * HOUR + 90 * MINUTE;
    const photo = Buffer.from('/9j/4AAQSkZJRgABAQAAAQABAAD/2gAIAQEAAD8AEv/Z', 'base64');
    const authorization = `Bearer ${await house.token('dock')}`;
    const kept = await fetch(`${house.url}/api/v1/passes/${name}/photos`, {
      ...{ method: 'POST', headers: { authorization, 'content-type': 'image/jpeg' }, body: new Uint8Array(photo) },
    });
    const { sha256 } = (await kept.json()) as { sha256: string };
    const said = { epcs: vials(901, 901), photos: [sha256], note: 'torn' };
    expect((await house.ask('dock', 'POST', `/passes/${name}/damages`, said)).status).toBe(200);

    /** Something stands in the door from one second to another. */
    const standing = async (from: number, to: number) => {
      const moments = Array.from({ length: (to - from) / 3 }, (_, step) => when + (from + step * 3) * 1_000);
      const sightings = moments.flatMap((at) => through(DOCK, 'in', at, vials(951, 951)));
      const batch = { gateway: 'gw-lyon', sequence: ++sequence, at: when, gpi: [], gaps: [], complete: [], sightings };
      await house.log.append([
        {
          ...{ family: 'trace', kind: 'sightings', version: 1, source: 'gw-lyon', sequence },
          ...{ arrival: systemTime.now(), payload: encodeBatch(batch) },
        },
      ]);
    };
    const passes = async () => {
      const { body } = await house.ask('dock', 'GET', `/portals/dock-1/passes?from=${when}&to=${when + 2 * MINUTE}`);
      return (body as { items: { id: string }[] }).items.map(({ id }) => id);
    };
    await standing(21, 51);
    await expect.poll(async () => (await passes()).length).toBe(2);
    await standing(3, 21);
    await expect.poll(async () => (await passes()).length).toBe(1);
    const [together = ''] = await passes();
    expect(together).not.toBe(name);
    expect((await house.ask('quality', 'GET', `/passes/${together}/damages`)).body).toEqual({
      items: [expect.objectContaining(said)],
    });
    const shown = await fetch(`${house.url}/api/v1/passes/${together}/photos/${sha256}`, {
      headers: { authorization },
    });
    expect(shown.status).toBe(200);

    const caseOf = async (serials: readonly string[]) => {
      const wish = { kind: 'complaint', title: 'torn boxes', reason: 'a customer called', serials };
      const opened = await house.ask('quality', 'POST', '/cases', wish);
      expect(opened.status).toBe(201);
      return (await house.ask('quality', 'GET', `/cases/${(opened.body as { id: string }).id}/damages`)).body;
    };
    expect(await caseOf(vials(901, 903))).toEqual({
      items: [{ ...said, pass: together, by: 'test-dock', at: expect.any(String) }],
    });
    expect(await caseOf(vials(902, 903))).toEqual({ items: [] });
  });

  describe('the screen of a door', () => {
    /** Asks as the screen does, by its cookie. */
    async function asScreen(cookie: string, method: string, path: string, body?: object) {
      const headers = { cookie, 'content-type': 'application/json' };
      const answer = await fetch(`${house.url}/api/v1${path}`, {
        ...{ method, headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    }

    async function connected(): Promise<{ cookie: string; name: string }> {
      const { status, body } = await house.ask('admin', 'POST', '/portals/dock-1/screens');
      expect(status).toBe(201);
      const { code } = body as { code: string };
      // As people type it.
      const typed = { code: `${code.slice(0, 4).toLowerCase()}-${code.slice(4)} ` };
      const answer = await house.ask(null, 'POST', '/screens', typed);
      expect(answer).toMatchObject({ status: 200, body: { door: 'dock-1' } });
      expect(await house.ask(null, 'POST', '/screens', typed)).toMatchObject({ status: 401 });
      const cookie = answer.headers.get('set-cookie') ?? '';
      expect(cookie).toMatch(/^isotherm_screen=iso_\S+;.*HttpOnly; SameSite=Strict/);
      return { cookie: cookie.split(';')[0] ?? '', name: (answer.body as { name: string }).name };
    }

    test('sees its own door, and nothing else', async () => {
      await house.tell({ type: 'portal', portal: door('dock-2'), by: 'test' });
      const { path } = await shortPallet(7);
      const { cookie, name } = await connected();
      const asks = async (at: string) => (await asScreen(cookie, 'GET', at)).status;
      for (const own of ['/portals/dock-1', '/portals/dock-1/passes', path, path.replace('/reconciliation', '')])
        expect(await asks(own), own).toBe(200);
      for (const other of [
        '/portals/dock-2',
        '/portals/dock-2/passes',
        '/passes/pass-999999',
        '/portals',
        '/shipments',
        '/alerts',
        '/session',
        '/sessions',
      ])
        expect(await asks(other), other).toBe(403);
      expect(await asScreen(cookie, 'GET', '/sign-in')).toMatchObject({
        body: { session: { user: { name, door: 'dock-1' } } },
      });
      const live = await house.watchWith(cookie.replace('isotherm_screen=', ''));
      expect(await live.emitWithAck('subscribe', { room: 'portal:dock-1' })).toEqual({ ok: true });
      for (const room of ['portal:dock-2', 'fleet', 'alerts', 'shipment:SHP-1'])
        expect(await live.emitWithAck('subscribe', { room }), room).toMatchObject({ ok: false });
    });

    test('settles in the name of who says so, is listed, and is out once it is revoked', async () => {
      const { path, line } = await shortPallet(8);
      const { cookie, name } = await connected();
      const wish = { lines: [line], how: 'scan', reason: 'found' };
      expect(await asScreen(cookie, 'POST', `${path}/settle`, wish)).toMatchObject({
        status: 422,
        body: { code: 'PERSON_MISSING' },
      });
      expect(await settle(path, { ...wish, person: 'Marta' }, null)).toMatchObject({
        status: 422,
        body: { code: 'PERSON_NOT_TAKEN' },
      });
      expect((await asScreen(cookie, 'POST', `${path}/settle`, { ...wish, person: 'Marta' })).status).toBe(200);
      expect((await differences(path)).lines[0]?.settlement?.by).toBe(`Marta (${name})`);
      const { body } = await house.ask('admin', 'GET', '/tokens');
      expect((body as { items: unknown[] }).items).toContainEqual(
        expect.objectContaining({ name, door: 'dock-1', role: 'dock', sites: ['site:lyon'] }),
      );
      expect((await house.ask('admin', 'DELETE', `/tokens/${name}`)).status).toBe(204);
      await expect.poll(async () => (await asScreen(cookie, 'GET', '/portals/dock-1')).status).toBe(401);
    });

    test('only an administrator connects one, and a guess does not', async () => {
      expect((await house.ask('operations', 'POST', '/portals/dock-1/screens')).status).toBe(403);
      expect((await house.ask('admin', 'POST', '/portals/dock-404/screens')).status).toBe(404);
      expect(await house.ask(null, 'POST', '/screens', { code: 'ABCD-2345' })).toMatchObject({
        status: 401,
        body: { code: 'SCREEN_CODE_WRONG' },
      });
    });
  });
});
