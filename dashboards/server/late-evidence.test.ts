import { afterAll, expect, test } from 'vitest';
import { excursionsOf, type Lot, MINUTE, NOW } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const { alone, ask, bySigner, decide, excursion, mayMoveOn, person } = excursionsOf(house);

/** Sent at once by a logger that had no radio: 12 °C for an hour after the excursion that was decided upon. */
const LATE = Array.from({ length: 12 }, (_, i): [number, number] => [NOW - 80 * MINUTE + i * 5 * MINUTE + MINUTE, 12]);

interface SeenGroup {
  readonly id: string;
  readonly serials: number;
  readonly undecided: number;
  readonly changed: number;
  readonly toDecide: number;
}

interface Seen {
  readonly groups: readonly SeenGroup[];
  readonly state: string;
  readonly revision: number;
  readonly evidence: { readonly changes: readonly { readonly text: string }[] };
  readonly decisions: readonly { readonly number: number; readonly evidenceChanged: readonly string[] }[];
}

async function caseOf({ id }: Lot, cookie: string): Promise<Seen> {
  const { status, body } = await ask('GET', `/cases/${id}`, undefined, cookie);
  expect(status).toBe(200);
  return body as unknown as Seen;
}

/** Everything that was signed. */
async function signedOf({ id }: Lot) {
  const number = Number(id.slice(2));
  const decisions = await house.database.query(
    'SELECT number, disposition, record, record_hash, in_force_at FROM case_decisions WHERE case_number = $1 ORDER BY 1',
    [number],
  );
  const signatures = await house.database.query(
    'SELECT number, place, signature, signature_hash FROM case_signatures WHERE case_number = $1 ORDER BY 1, 2',
    [number],
  );
  return { decisions: decisions.rows, signatures: signatures.rows };
}

test('readings that arrive after a signed release reopen the case, which says what changed; the release is not overwritten', async () => {
  const [lot, { name, cookie }] = [await excursion(), await person()];
  await decide(lot, cookie, bySigner(name), { disposition: 'release' });
  const signed = await signedOf(lot);
  await house.evidenceWatch.look();
  const before = await caseOf(lot, cookie);
  expect(before).toMatchObject({ state: 'decided', evidence: { changes: [] }, decisions: [{ evidenceChanged: [] }] });

  await house.measure(lot.device, LATE);
  await house.evidenceWatch.look();
  const after = await caseOf(lot, cookie);
  expect(after).toMatchObject({ state: 'evidence changed', revision: before.revision + 1 });
  expect(after.evidence.changes.map(({ text }) => text)).toEqual([
    'What is known by now is not what decision 1 (release) was signed on. Of 3 serials, now 88 min out of range (5 to 12 °C), quarantine is proposed; it was 40 min out of range (5 to 9.1 °C), and quarantine was. The decision stands until another one is signed.',
  ]);
  expect(await signedOf(lot)).toEqual(signed);
  // Data alone decides on nobody's goods: what a person released is stopped by a person.
  expect(await mayMoveOn(lot.serials[0] ?? '')).toBe(true);

  // Told once.
  await house.evidenceWatch.look();
  expect((await caseOf(lot, cookie)).revision).toBe(after.revision);
  // Looked at again and signed: decided, on what is known now.
  await decide(lot, cookie, alone, { disposition: 'reject' });
  await house.evidenceWatch.look();
  expect(await caseOf(lot, cookie)).toMatchObject({ state: 'decided', decisions: [{ number: 1 }, { number: 2 }] });
  expect(await mayMoveOn(lot.serials[0] ?? '')).toBe(false);
});

// A closed case said it of its decisions alone, to who happened to open it.
test('readings that arrive after a case was closed open one that follows it up, once, with the serials they concern', async () => {
  const [lot, { name, cookie }] = [await excursion(), await person()];
  await decide(lot, cookie, bySigner(name), { disposition: 'release' });
  await ask('POST', `/cases/${lot.id}/close`, { reason: 'all well' }, cookie);
  await house.evidenceWatch.look();
  const casesOf = async () => {
    const { body } = await ask('GET', `/cases?shipment=${lot.shipment}&order=opened`, undefined, cookie);
    return body.items as (Seen & { readonly id: string; readonly follows: string | null })[];
  };
  expect(await casesOf()).toMatchObject([{ id: lot.id, state: 'closed' }]);
  const signed = await signedOf(lot);

  await house.measure(lot.device, LATE);
  await house.evidenceWatch.look();
  await house.evidenceWatch.look();
  const [next, closed, ...more] = await casesOf();
  expect(more).toEqual([]);
  expect(closed).toMatchObject({ id: lot.id, state: 'closed' });
  expect(next).toMatchObject({
    ...{ state: 'open', follows: lot.id, openedBy: null, title: `Data that came after ${lot.id} was closed` },
    ...{ serials: { affected: 3, undecided: 3 }, due: { id: 'target' } },
  });
  expect(await signedOf(lot)).toEqual(signed);
  expect(await mayMoveOn(lot.serials[0] ?? '')).toBe(true);
  // What is decided there acts, and the case that was closed stays closed.
  const after = { ...lot, id: next?.id ?? '' };
  expect((await caseOf(after, cookie)).groups).toMatchObject([{ serials: 3, toDecide: 3 }]);
  expect((await decide(after, cookie, alone, { disposition: 'reject' })).status).toBe(201);
  expect(await caseOf(after, cookie)).toMatchObject({ state: 'decided' });
  expect(await mayMoveOn(lot.serials[0] ?? '')).toBe(false);
  await house.evidenceWatch.look();
  expect(await casesOf()).toHaveLength(2);
});

// The case that followed knew of no alert: it ended with the reception, before the excursion that it was about.
test('a case that follows a closed one up has its excursions too, to their end after the reception, and they can be excused', async () => {
  const [lot, { name, cookie }] = [await excursion(), await person()];
  const received = NOW - 115 * MINUTE;
  await house.database.query('UPDATE shipments SET received_at = $2 WHERE id = $1', [lot.shipment, received]);
  await decide(lot, cookie, bySigner(name), { disposition: 'release' });
  await ask('POST', `/cases/${lot.id}/close`, { reason: 'all well' }, cookie);
  await house.measure(lot.device, [[NOW - 90 * MINUTE + MINUTE, 12]]);
  await house.evidenceWatch.look();
  const { body } = await ask('GET', `/cases?shipment=${lot.shipment}&order=opened`, undefined, cookie);
  const [next] = body.items as { id: string; follows: string }[];
  expect(next).toMatchObject({ follows: lot.id, serials: { affected: 3, undecided: 3 } });
  const path = `/cases/${next?.id}`;
  const after = (await ask('GET', path, undefined, cookie)).body;
  expect(after).toMatchObject({
    evidence: { alerts: [{ id: lot.alert }] },
    groups: [{ exposure: { max: 12, minutesAbove: 40 } }],
  });
  const step = { step: 'excuse', alert: lot.alert };
  const wish = { revision: after.revision, reason: 'the door was photographed', step, signature: alone };
  expect((await ask('POST', `${path}/steps`, wish, cookie)).status).toBe(201);
});

// Told of a decision on three, though two of them had been decided anew since.
test('of a decision that a later one superseded in part, only what it still stands for is told as changed', async () => {
  const [lot, { name, cookie }] = [await excursion(), await person()];
  await decide(lot, cookie, bySigner(name), { disposition: 'release' });
  await decide(lot, cookie, alone, { disposition: 'reject', serials: lot.serials.slice(0, 2) });
  await house.measure(lot.device, LATE);
  const { decisions } = await caseOf(lot, cookie);
  expect(decisions.map(({ evidenceChanged }) => evidenceChanged)).toEqual([
    [expect.stringMatching(/^Of 1 serial, now/)],
    [expect.stringMatching(/^Of 2 serials, now/)],
  ]);
  await house.evidenceWatch.look();
  const { evidence } = await caseOf(lot, cookie);
  expect(evidence.changes.map(({ text }) => /Of \d serials?/.exec(text)?.[0])).toEqual(['Of 1 serial', 'Of 2 serials']);
});

test('late readings of serials that were decided alone reopen those, while the others are undecided still', async () => {
  const [lot, { name, cookie }] = [await excursion(), await person()];
  await decide(lot, cookie, bySigner(name), { disposition: 'release', serials: lot.serials.slice(0, 1) });
  expect(await caseOf(lot, cookie)).toMatchObject({ state: 'open' });
  await house.measure(lot.device, LATE);
  await house.evidenceWatch.look();
  const { state, evidence } = await caseOf(lot, cookie);
  expect([state, evidence.changes.length]).toEqual(['evidence changed', 1]);
  expect(evidence.changes[0]?.text).toContain('Of 1 serial, now');
});

// The page offered "Decide otherwise" alone: it asked for undecided serials, and there were none.
test('what was decided on evidence that changed is to be decided again, as proposed, and the earlier decision stays', async () => {
  const [lot, { name, cookie }] = [await excursion(), await person()];
  await decide(lot, cookie, bySigner(name), { disposition: 'release' });
  expect((await caseOf(lot, cookie)).groups).toMatchObject([{ undecided: 0, changed: 0, toDecide: 0 }]);
  await house.measure(lot.device, LATE);
  await house.evidenceWatch.look();
  const { groups } = await caseOf(lot, cookie);
  expect(groups).toMatchObject([{ serials: 3, undecided: 0, changed: 3, toDecide: 3 }]);
  const again = { serials: undefined, group: groups[0]?.id, toDecide: true, disposition: 'quarantine' };
  expect(await decide(lot, cookie, alone, again)).toMatchObject({ status: 201, body: { number: 2, serials: 3 } });
  expect(await caseOf(lot, cookie)).toMatchObject({
    ...{ state: 'decided', groups: [{ changed: 0, toDecide: 0 }] },
    decisions: [
      { number: 1, disposition: 'release', supersededBy: 2 },
      { number: 2, supersededBy: null },
    ],
  });
  expect(await decide(lot, cookie, alone, again)).toMatchObject({ status: 422, body: { code: 'DECISION_NEEDLESS' } });
});

// "Release 2 serials of group A" signed the whole group, and with it what had been rejected.
test('what of a group was decided otherwise is not decided anew with the rest of it', async () => {
  const [lot, { name, cookie }] = [await excursion(), await person()];
  await decide(lot, cookie, bySigner(name), { disposition: 'reject', serials: lot.serials.slice(0, 1) });
  const [group] = (await caseOf(lot, cookie)).groups;
  expect(group).toMatchObject({ serials: 3, undecided: 2, toDecide: 2 });
  const rest = { serials: undefined, group: group?.id, toDecide: true, disposition: 'release' };
  expect(await decide(lot, cookie, alone, rest)).toMatchObject({ status: 201, body: { serials: 2 } });
  expect(await caseOf(lot, cookie)).toMatchObject({
    state: 'decided',
    decisions: [
      { disposition: 'reject', supersededBy: null },
      { disposition: 'release', supersededBy: null },
    ],
  });
  expect(await mayMoveOn(lot.serials[0] ?? '')).toBe(false);
});

test('what waits for its second signer is not to be decided until its evidence changes', async () => {
  await house.ask('quality', 'PUT', '/products/80614141999992', { name: 'Dear', profile: '2-8C', valueClass: 5 });
  const [lot, one] = [await excursion({ gtin: '899999' }), await person()];
  await decide(lot, one.cookie, bySigner(one.name), { disposition: 'release' });
  expect((await caseOf(lot, one.cookie)).groups).toMatchObject([{ undecided: 3, waiting: 3, toDecide: 0 }]);
  await house.measure(lot.device, LATE);
  await house.evidenceWatch.look();
  expect((await caseOf(lot, one.cookie)).groups).toMatchObject([{ undecided: 3, waiting: 3, changed: 3, toDecide: 3 }]);
});

test('readings of later than what was decided upon, and late ones that were in range, change nothing', async () => {
  const [lot, { name, cookie }] = [await excursion(), await person()];
  await decide(lot, cookie, bySigner(name), { disposition: 'release' });
  const { revision } = await caseOf(lot, cookie);
  await house.measure(lot.device, [
    [NOW - 150 * MINUTE + MINUTE, 5.1],
    [NOW + MINUTE / 2, 12],
  ]);
  await house.evidenceWatch.look();
  expect(await caseOf(lot, cookie)).toMatchObject({ state: 'decided', revision });
});

test('a wrong proposal after late data never acts: a second signer of what the first one signed before it is refused', async () => {
  await house.ask('quality', 'PUT', '/products/80614141999992', { name: 'Dear', profile: '2-8C', valueClass: 5 });
  const [lot, one, two] = [await excursion({ gtin: '899999' }), await person(), await person()];
  await decide(lot, one.cookie, bySigner(one.name), { disposition: 'release' });
  await house.measure(lot.device, LATE);
  await house.evidenceWatch.look();
  expect(await caseOf(lot, one.cookie)).toMatchObject({ state: 'evidence changed' });
  const second = await ask(
    'POST',
    `/cases/${lot.id}/decisions/1/signatures`,
    { signature: bySigner(two.name) },
    two.cookie,
  );
  expect(second).toMatchObject({ status: 409, body: { code: 'EVIDENCE_CHANGED' } });
  expect(await mayMoveOn(lot.serials[0] ?? '')).toBe(false);
});
