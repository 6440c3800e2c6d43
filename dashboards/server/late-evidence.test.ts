import { afterAll, expect, test } from 'vitest';
import { excursionsOf, type Lot, MINUTE, NOW } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const { alone, ask, bySigner, decide, excursion, mayMoveOn, person } = excursionsOf(house);

/** Sent at once by a logger that had no radio: 12 °C for an hour after the excursion that was decided upon. */
const LATE = Array.from({ length: 12 }, (_, i): [number, number] => [NOW - 80 * MINUTE + i * 5 * MINUTE + MINUTE, 12]);

interface Seen {
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
    'What is known by now is not what decision 1 (release) was signed on. Of 3 serial(s), now 88 min out of range (5 to 12 °C), quarantine is proposed; it was 40 min out of range (5 to 9.1 °C), and quarantine was. The decision stands until another one is signed.',
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

test('late readings of serials that were decided alone reopen those, while the others are undecided still', async () => {
  const [lot, { name, cookie }] = [await excursion(), await person()];
  await decide(lot, cookie, bySigner(name), { disposition: 'release', serials: lot.serials.slice(0, 1) });
  expect(await caseOf(lot, cookie)).toMatchObject({ state: 'open' });
  await house.measure(lot.device, LATE);
  await house.evidenceWatch.look();
  const { state, evidence } = await caseOf(lot, cookie);
  expect([state, evidence.changes.length]).toEqual(['evidence changed', 1]);
  expect(evidence.changes[0]?.text).toContain('Of 1 serial(s), now');
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
