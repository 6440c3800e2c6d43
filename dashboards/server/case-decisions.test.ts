import { Secret, TOTP } from 'otpauth';
import { afterAll, describe, expect, test } from 'vitest';
import { PATIENCE_MS } from '../../tests/testing/bounds.ts';
import { excursionsOf, type Lot, MINUTE, NOW, PASSWORD } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';
import { SoftPasskey } from './testing/soft-passkey.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const { ask, person, excursion, revisionOf, bySigner, alone, decision, decide, mayMoveOn } = excursionsOf(house);

/** What is in the log is worked in by a consumer, in its own time. */
const WORKED_IN = { timeout: PATIENCE_MS };

async function entriesOf(subject: `${string}:${string}`) {
  return (await house.accounts.audit.list({ subject, limit: 100 })).items;
}

describe('a decision with one signature', () => {
  test('is in force at once, stops its goods at the door, and says who signed what, when and with which meaning', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    const { status, body } = await decide(lot, cookie, bySigner(name), { disposition: 'reject' });
    expect([status, body]).toMatchObject([
      201,
      {
        ...{
          number: 1,
          disposition: 'reject',
          serials: 3,
          needsSecond: false,
          evidenceChanged: [],
          supersededBy: null,
        },
        serialsHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        signatures: [
          { by: name, role: 'quality', meaning: 'decided after review of the evidence', method: 'password' },
        ],
        inForceSince: expect.any(String),
      },
    ]);
    const { rows } = await house.database.query('SELECT DISTINCT status FROM serials WHERE epc = ANY($1)', [
      lot.serials,
    ]);
    expect(rows).toEqual([{ status: 'rejected' }]);
    expect(await mayMoveOn(lot.serials[0] ?? '')).toBe(false);
    const entries = await entriesOf(`case:${lot.id}`);
    expect(entries.map(({ action, actor }) => [action, actor.name])).toEqual([
      ['goods.decide', name],
      ['case.decide', name],
    ]);
    const told = await house.database.query(
      `SELECT event FROM epcis_events WHERE disposition LIKE '%non_conformant' AND epcs @> $1`,
      [lot.serials],
    );
    expect(told.rows).toHaveLength(1);
  });

  // The clock looks every five seconds for what the log was not told of, beside who has just signed: both told it.
  test('is told to the log once, though the clock looks for what is untold while it is signed', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    const acts = async ({ id }: Lot) =>
      (await entriesOf(`case:${id}`)).filter(({ action }) => action === 'goods.decide').length;
    await decide(lot, cookie, bySigner(name));
    await expect.poll(() => acts(lot), WORKED_IN).toBe(1);
    await house.database.query('UPDATE case_decisions SET acted_at = NULL WHERE case_number = $1', [
      Number(lot.id.slice(2)),
    ]);
    const other = await excursion();
    await Promise.all([house.decisionActs.run(), house.decisionActs.run(), decide(other, cookie, alone)]);
    await expect.poll(() => acts(other), WORKED_IN).toBe(1);
    await expect.poll(() => acts(lot), WORKED_IN).toBe(2);
  });

  test('to release lets the goods of its excursion move on, and no others of the shipment', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    const [first = '', second = ''] = lot.serials;
    expect([await mayMoveOn(first), await mayMoveOn(second)]).toEqual([false, false]);
    const released = await decide(lot, cookie, bySigner(name), { serials: [first], disposition: 'release' });
    expect(released.status).toBe(201);
    expect([await mayMoveOn(first), await mayMoveOn(second)]).toEqual([true, false]);
  });

  // Operations resolved the alert, and the board showed the shipment as fine while quality had yet to decide.
  test('is what makes its shipment fine again, not that somebody resolved the alert', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    const shown = async () => {
      const { body } = await house.ask('logistics', 'GET', `/shipments/${lot.shipment}`);
      return body as { condition: { state: string }; waiting: { kind: string }[] };
    };
    const state = async () => {
      const { condition, waiting } = await shown();
      return [condition.state, ...waiting.map(({ kind }) => kind)];
    };
    expect(await state()).toEqual(['excursion', 'alert', 'case']);
    await house.ask('operations', 'POST', `/alerts/${lot.alert}/resolve`, { reason: 'the door is shut' });
    expect(await state()).toEqual(['excursion', 'case']);
    await decide(lot, cookie, bySigner(name), { disposition: 'quarantine' });
    await expect.poll(state, WORKED_IN).toEqual(['warning', 'stopped']);
    await decide(lot, cookie, alone, { disposition: 'release' });
    await expect.poll(state, WORKED_IN).toEqual(['inRange']);
  });

  test('is superseded by a later one on the same serials, and stays on record', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    await decide(lot, cookie, bySigner(name));
    const { body } = await decide(lot, cookie, alone, { disposition: 'release' });
    expect(body).toMatchObject({ number: 2, disposition: 'release' });
    expect(await mayMoveOn(lot.serials[0] ?? '')).toBe(true);
    const { rows } = await house.database.query(
      'SELECT number, disposition FROM case_decisions WHERE case_number = $1 ORDER BY 1',
      [Number(lot.id.slice(2))],
    );
    expect(rows).toEqual([
      { number: 1, disposition: 'quarantine' },
      { number: 2, disposition: 'release' },
    ]);
  });

  test('keeps what was signed to the byte: every serial, the alerts and what was proposed', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    await decide(lot, cookie, bySigner(name));
    const { body } = await ask('GET', `/cases/${lot.id}/decisions/1/record`, undefined, cookie);
    expect(JSON.parse(String(body.record))).toMatchObject({
      ...{ type: 'isotherm.decision/1', case: lot.id, number: 1, disposition: 'quarantine', reason: 'too warm' },
      serials: { count: 3, epcs: lot.serials },
      alerts: [{ id: lot.alert, rule: 'too-warm', ruleVersion: 1 }],
      groups: [
        { serials: 3, exposure: { minutesAbove: 40 }, proposal: { disposition: 'quarantine', isCertain: false } },
      ],
    });
  });

  test('on a group or a lot has its serials listed, and one that joins later is undecided', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    const drafted = await ask(
      'POST',
      `/cases/${lot.id}/decisions/draft`,
      await decision(lot, {}, { signature: undefined }),
      cookie,
    );
    const [group] = (JSON.parse(String(drafted.body.record)) as { groups: { id: string }[] }).groups;
    const { body } = await decide(lot, cookie, bySigner(name), { serials: undefined, group: group?.id });
    expect(body).toMatchObject({ serials: 3, scope: { group: group?.id, lot: null } });
    await house.database.query(
      `INSERT INTO case_serials (case_number, epc, changed_revision) VALUES ($1, 'urn:epc:id:sgtin:0614141.812345.77', 1)`,
      [Number(lot.id.slice(2))],
    );
    const { rows } = await house.database.query(
      'SELECT epc FROM case_serials WHERE case_number = $1 AND decision IS NULL',
      [Number(lot.id.slice(2))],
    );
    expect(rows).toEqual([{ epc: 'urn:epc:id:sgtin:0614141.812345.77' }]);
  });

  test('says what is different once late data arrives', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    await decide(lot, cookie, bySigner(name));
    const late = Array.from({ length: 12 }, (_, i): [number, number] => [
      NOW - 80 * MINUTE + i * 5 * MINUTE + MINUTE,
      12,
    ]);
    await house.measure(lot.device, late);
    const [other] = lot.serials;
    const { body } = await decide(lot, cookie, alone, { serials: [other] });
    expect(body).toMatchObject({ number: 2, evidenceChanged: [] });
    // The first stands for the two others.
    const { rows } = await house.database.query<{ record: string }>(
      'SELECT record FROM case_decisions WHERE case_number = $1 AND number = 2',
      [Number(lot.id.slice(2))],
    );
    expect(JSON.parse(rows[0]?.record ?? '')).toMatchObject({ groups: [{ exposure: { max: 12 } }] });
  });
});

describe('whoever decides', () => {
  test('on a case that has changed since is told its present revision', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    await decide(lot, cookie, bySigner(name));
    const stale = await decide(lot, cookie, alone, { revision: 1 });
    expect(stale).toMatchObject({ status: 409, body: { code: 'CASE_CHANGED', current: { revision: 2 } } });
  });

  test('at the same time as somebody else: one decision is kept, the other told to look again', async () => {
    const [lot, one, two] = [await excursion(), await person(), await person()];
    const both = await Promise.all([
      decide(lot, one.cookie, bySigner(one.name), { disposition: 'release', revision: 1 }),
      decide(lot, two.cookie, bySigner(two.name), { disposition: 'reject', revision: 1 }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test('on serials that are not affected, or on nothing or on two things, is refused', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    const refusals = [
      await decide(lot, cookie, bySigner(name), { serials: ['urn:epc:id:sgtin:0614141.812345.1'] }),
      await decide(lot, cookie, bySigner(name), { serials: undefined }),
      await decide(lot, cookie, bySigner(name), { lot: 'A17' }),
      await decide(lot, cookie, bySigner(name), { serials: undefined, lot: 'A17' }),
      await decide({ ...lot, id: 'C-999999' }, cookie, bySigner(name)),
      await decide({ ...lot, id: 'nonsense' }, cookie, bySigner(name)),
    ];
    expect(refusals.map(({ status, body }) => [status, body.code])).toEqual([
      [422, 'SERIALS_NOT_AFFECTED'],
      [422, 'DECISION_SCOPE_BAD'],
      [422, 'DECISION_SCOPE_BAD'],
      [422, 'LOT_UNKNOWN'],
      [404, 'CASE_UNKNOWN'],
      [404, 'CASE_UNKNOWN'],
    ]);
    expect(await revisionOf(lot.id)).toBe(1);
  });
});

describe('a signature', () => {
  test('takes both components at the first signing of a session, then the password alone, until a while has passed', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    expect((await decide(lot, cookie, alone)).body.code).toBe('SIGNATURE_USER_NEEDED');
    expect((await decide(lot, cookie, bySigner(name))).status).toBe(201);
    expect((await decide(lot, cookie, alone)).status).toBe(201);
    // Another session of the same person begins anew.
    const other = (await ask('POST', '/session', { username: name, password: PASSWORD })).cookie;
    expect((await decide(lot, other, alone)).body.code).toBe('SIGNATURE_USER_NEEDED');
    await house.database.query('UPDATE signing_sessions SET until_at = now()');
    expect((await decide(lot, cookie, alone)).body.code).toBe('SIGNATURE_USER_NEEDED');
  });

  test('is no wrong password, nor the name of somebody else; it is counted as at the sign-in and decides nothing', async () => {
    const [lot, { name, cookie }, other] = [await excursion(), await person(), await person()];
    const wrong = await decide(lot, cookie, { ...bySigner(name), password: 'wrong' });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'CREDENTIALS_WRONG' } });
    expect((await decide(lot, cookie, bySigner(other.name))).body.code).toBe('SIGNATURE_USER_OTHER');
    expect(await revisionOf(lot.id)).toBe(1);
    expect((await entriesOf(`user:${name}`)).map(({ action }) => action)).toContain('session.refuse');
    const guesses = Array.from({ length: 14 }, () => decide(lot, cookie, { ...bySigner(name), password: 'wrong' }));
    const codes = (await Promise.all(guesses)).map(({ body }) => body.code);
    expect([...new Set(codes)].sort()).toEqual(['CREDENTIALS_WRONG', 'SIGN_IN_THROTTLED']);
  });

  test('is never given by an API token, whatever its role and whatever password it sends', async () => {
    const [lot, { name }] = [await excursion(), await person()];
    const { status, body } = await house.ask(
      'quality',
      'POST',
      `/cases/${lot.id}/decisions`,
      await decision(lot, bySigner(name)),
    );
    expect([status, (body as { code: string }).code]).toEqual([403, 'TOKEN_CANNOT_SIGN']);
  });

  test('is given by who may decide at that moment, not by who could before', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    const dock = await person('dock');
    expect((await decide(lot, dock.cookie, bySigner(dock.name))).status).toBe(403);
    await decide(lot, cookie, bySigner(name));
    await house.accounts.users.change(name, { role: 'dock' });
    expect((await decide(lot, cookie, alone)).status).toBe(403);
  });

  test('cannot be sent again: the case is at another revision by then', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    const sent = await decision(lot, bySigner(name));
    expect((await ask('POST', `/cases/${lot.id}/decisions`, sent, cookie)).status).toBe(201);
    expect((await ask('POST', `/cases/${lot.id}/decisions`, sent, cookie)).body.code).toBe('CASE_CHANGED');
  });

  test('takes the code of the second factor of who has one', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    const { secret } = (await ask('POST', '/session/totp', { password: PASSWORD }, cookie)).body;
    const code = (steps: number) =>
      new TOTP({ secret: Secret.fromBase32(String(secret)) }).generate({ timestamp: Date.now() + steps * 30_000 });
    await ask('POST', '/session/totp/confirm', { code: code(-1) }, cookie);
    expect((await decide(lot, cookie, bySigner(name))).body.code).toBe('SECOND_FACTOR_NEEDED');
    expect((await decide(lot, cookie, { ...bySigner(name), code: '000000' })).body.code).toBe('SECOND_FACTOR_WRONG');
    expect((await decide(lot, cookie, { ...bySigner(name), code: code(0) })).status).toBe(201);
  });
});

describe('two signatures', () => {
  const dear = async () => {
    await house.ask('quality', 'PUT', '/products/80614141999992', { name: 'Dear', profile: '2-8C', valueClass: 5 });
    return excursion({ gtin: '899999' });
  };

  test('are needed to let goods of worth go: until the second nothing is released, and it is never the same person', async () => {
    const [lot, one, two] = [await dear(), await person(), await person()];
    const first = await decide(lot, one.cookie, bySigner(one.name), { disposition: 'release' });
    expect(first.body).toMatchObject({ needsSecond: true, inForceSince: null });
    const path = `/cases/${lot.id}/decisions/1/signatures`;
    const same = await ask('POST', path, { signature: alone }, one.cookie);
    expect(same).toMatchObject({ status: 409, body: { code: 'SIGNER_SAME' } });
    const acted = () => house.database.query('SELECT FROM goods_decisions WHERE case_id = $1', [lot.id]);
    expect((await acted()).rowCount).toBe(0);
    const second = await ask('POST', path, { signature: bySigner(two.name) }, two.cookie);
    expect([second.status, second.body]).toMatchObject([
      201,
      { needsSecond: false, signatures: [{ by: one.name }, { by: two.name }], inForceSince: expect.any(String) },
    ]);
    expect((await acted()).rowCount).toBe(1);
    expect((await ask('POST', path, { signature: alone }, two.cookie)).body.code).toBe('DECISION_SIGNED');
    expect((await entriesOf(`case:${lot.id}`)).map(({ action }) => action)).toEqual([
      ...['goods.decide', 'case.sign', 'case.decide'],
    ]);
  });

  test('are not waited for where goods are only stopped', async () => {
    const [lot, { name, cookie }] = [await dear(), await person()];
    expect((await decide(lot, cookie, bySigner(name))).body).toMatchObject({ needsSecond: false });
  });

  test("are not both given to a decision that a later one has superseded, nor to another person's token", async () => {
    const [lot, one, two] = [await dear(), await person(), await person()];
    await decide(lot, one.cookie, bySigner(one.name), { disposition: 'release' });
    const path = `/cases/${lot.id}/decisions/1/signatures`;
    const token = await house.ask('quality', 'POST', path, { signature: bySigner(two.name) });
    expect(token.status).toBe(403);
    await decide(lot, two.cookie, bySigner(two.name), { disposition: 'quarantine' });
    expect((await ask('POST', path, { signature: alone }, two.cookie)).body.code).toBe('DECISION_SUPERSEDED');
  });

  test('are not given by who was disabled or lost the role meanwhile; what was signed while one could stands', async () => {
    const [lot, first, gone, moved, second] = [
      await dear(),
      await person(),
      await person(),
      await person(),
      await person(),
    ];
    await decide(lot, first.cookie, bySigner(first.name), { disposition: 'release' });
    const path = `/cases/${lot.id}/decisions/1`;
    const sign = ({ name, cookie }: { name: string; cookie: string }) =>
      ask('POST', `${path}/signatures`, { signature: bySigner(name) }, cookie);
    // Both were shown what they would sign.
    for (const { cookie } of [gone, moved])
      expect((await ask('POST', `${path}/challenge`, {}, cookie)).status).toBe(200);
    await house.accounts.users.change(gone.name, { isDisabled: true });
    await house.accounts.users.change(moved.name, { role: 'dock' });
    expect([(await sign(gone)).status, (await sign(moved)).status]).toEqual([401, 403]);
    expect(await mayMoveOn(lot.serials[0] ?? '')).toBe(false);
    // Who signed first has left the house since: the signature was given, and the second completes it.
    await house.accounts.users.change(first.name, { isDisabled: true });
    const signed = await sign(second);
    expect(signed).toMatchObject({ status: 201, body: { needsSecond: false, evidenceChanged: [] } });
    const signers = (signed.body.signatures as { by: string; role: string }[]).map(({ by, role }) => [by, role]);
    expect(signers).toEqual([
      [first.name, 'quality'],
      [second.name, 'quality'],
    ]);
    // Let back in, the same person is no second signer of what comes after either.
    expect((await decide(lot, second.cookie, alone, { disposition: 'reject' })).status).toBe(201);
    await house.accounts.users.change(first.name, { isDisabled: false });
    expect(await sign(second)).toMatchObject({ status: 409 });
  });

  test('do not survive a record that was changed between them', async () => {
    const [lot, one, two] = [await dear(), await person(), await person()];
    await decide(lot, one.cookie, bySigner(one.name), { disposition: 'release' });
    await house.database.query(
      `UPDATE case_decisions SET record = replace(record, 'too warm', 'all well') WHERE case_number = $1`,
      [Number(lot.id.slice(2))],
    );
    const second = await ask(
      'POST',
      `/cases/${lot.id}/decisions/1/signatures`,
      { signature: bySigner(two.name) },
      two.cookie,
    );
    expect(second).toMatchObject({ status: 409, body: { code: 'RECORD_BROKEN' } });
  });

  test('are not both given where the evidence is not what the first signer saw', async () => {
    const [lot, one, two] = [await dear(), await person(), await person()];
    await decide(lot, one.cookie, bySigner(one.name), { disposition: 'release' });
    await house.measure(lot.device, [[NOW - 70 * MINUTE + MINUTE, 14]]);
    const second = await ask(
      'POST',
      `/cases/${lot.id}/decisions/1/signatures`,
      { signature: bySigner(two.name) },
      two.cookie,
    );
    expect(second).toMatchObject({ status: 409, body: { code: 'EVIDENCE_CHANGED' } });
  });
});

describe('a passkey', () => {
  const base = () => house.url.replace('127.0.0.1', 'localhost');

  test('signs the hash of the record that was shown, once, in the session it was shown in, by who is signed in', async () => {
    const [lot, one, two] = [await excursion(), await person(), await person()];
    const [key, foreign] = [new SoftPasskey(), new SoftPasskey()];
    await key.register(house.database, one.name);
    await foreign.register(house.database, two.name);
    const path = `/cases/${lot.id}/decisions`;
    const sent = await decision(lot, {}, { signature: undefined });
    const shown = async () => {
      const { body } = await ask('POST', `${path}/draft`, sent, one.cookie, base());
      const { challenge } = body.passkey as { challenge: string };
      expect(Buffer.from(challenge, 'base64url').toString('hex')).toBe(body.recordHash);
      return { challenge, recordHash: body.recordHash };
    };
    const meaning = 'decided after review of the evidence';
    const signature = (passkey: object) => ({ ...sent, signature: { meaning, passkey } });
    const codes = async (given: object, cookie: string) => (await ask('POST', path, given, cookie, base())).body.code;
    // Another hash, another session, another person's key, another decision than was signed.
    const elsewhere = Buffer.alloc(32).toString('base64url');
    expect(await codes(signature(key.answer(elsewhere, base())), one.cookie)).toBe('PASSKEY_CHALLENGE_VOID');
    const first = await shown();
    expect(await codes(signature(key.answer(first.challenge, base())), two.cookie)).toBe('PASSKEY_CHALLENGE_VOID');
    expect(await codes(signature(foreign.answer(first.challenge, base())), one.cookie)).toBe('PASSKEY_REFUSED');
    const { challenge: again } = await shown();
    const other = { ...signature(key.answer(again, base())), disposition: 'release' };
    expect(await codes(other, one.cookie)).toBe('RECORD_OTHER');
    const { challenge, recordHash } = await shown();
    const right = signature(key.answer(challenge, base()));
    const made = await ask('POST', path, right, one.cookie, base());
    expect(made).toMatchObject({
      status: 201,
      body: { signatures: [{ method: 'passkey', recordHash }] },
    });
    expect(await codes(right, one.cookie)).toBe('CASE_CHANGED');
  });

  test('signs nothing for who was disabled after the record was shown, whose key is still good', async () => {
    const [lot, one, key] = [await excursion(), await person(), new SoftPasskey()];
    await key.register(house.database, one.name);
    const path = `/cases/${lot.id}/decisions`;
    const sent = await decision(lot, {}, { signature: undefined });
    const { passkey } = (await ask('POST', `${path}/draft`, sent, one.cookie, base())).body;
    await house.accounts.users.change(one.name, { isDisabled: true });
    const answer = key.answer((passkey as { challenge: string }).challenge, base());
    const given = { ...sent, signature: { meaning: 'decided', passkey: answer } };
    expect((await ask('POST', path, given, one.cookie, base())).status).toBe(401);
    // Let back in and signed in anew it is another session, in which nothing was shown.
    await house.accounts.users.change(one.name, { isDisabled: false });
    const { cookie } = await ask('POST', '/session', { username: one.name, password: PASSWORD }, '', base());
    const again = await ask('POST', path, given, cookie, base());
    expect(again.body.code).toBe('PASSKEY_CHALLENGE_VOID');
    const { rows } = await house.database.query('SELECT FROM case_decisions WHERE case_number = $1', [
      Number(lot.id.slice(2)),
    ]);
    expect(rows).toEqual([]);
  });
});
