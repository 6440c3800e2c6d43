import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError, ManualTime, type Meter, silentMeter } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { partnersTurnedAway } from '../day-use.ts';
import { PartnerQuotas } from './partner-quotas.ts';

const DAY_MS = 86_400_000;
const database = await testDatabase();

async function quotasOf(partner: string, [requests, files, bytes]: readonly [number, number, number], meter?: Meter) {
  await database.query(
    `INSERT INTO partners (id, name, roles, endpoints, public_keys, secret_prints, sees, sends, formats, changed_at, changed_by,
       requests_a_minute, files_a_day, bytes_a_day)
     VALUES ($1, $1, '{}', '{}', '[]', '{}', '{}', '{}', '{}', now(), 'test', $2, $3, $4)`,
    [partner, requests, files, bytes],
  );
  const time = new ManualTime(Date.parse('2026-11-29T12:00:30Z'));
  return { time, quotas: new PartnerQuotas({ database, time, meter: meter ?? silentMeter }) };
}

/** The code of what is thrown, with when to come again; null: nothing was. */
async function refusal(work: Promise<unknown>): Promise<readonly [string, unknown] | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof InputError) return [error.code, error.details.retryAfterSeconds];
    throw error;
  }
}

let count = 0;
test('whatever comes on whichever day, what is counted is what a slow bookkeeper would count', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ bytes: fc.integer({ min: 0, max: 60 }) }) },
    { weight: 1, arbitrary: fc.record({ hours: fc.integer({ min: 1, max: 30 }) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      count += 1;
      const id = `p${count}`;
      const { quotas, time } = await quotasOf(id, [1_000, 5, 100]);
      const book: { readonly day: number; readonly bytes: number }[] = [];
      for (const one of steps) {
        if ('hours' in one) {
          await time.advance(one.hours * 3_600_000);
          continue;
        }
        const day = Math.floor(time.now() / DAY_MS);
        const today = book.filter((kept) => kept.day === day);
        const fits = today.length < 5 && today.reduce((sum, { bytes }) => sum + bytes, one.bytes) <= 100;
        const said = await refusal(quotas.countMessage(id, one.bytes));
        expect(said?.[0] ?? null).toBe(fits ? null : 'PARTNER_QUOTA');
        if (!fits) expect(said?.[1]).toBe(Math.ceil(((day + 1) * DAY_MS - time.now()) / 1_000));
        if (fits) book.push({ day, bytes: one.bytes });
      }
      const day = Math.floor(time.now() / DAY_MS);
      const today = book.filter((kept) => kept.day === day);
      const bytes = today.reduce((sum, one) => sum + one.bytes, 0);
      expect(await quotas.today(id)).toMatchObject({ files: today.length, bytes });
    }),
    { numRuns: 25 },
  );
});

test('of many at once no more is kept than is agreed', async () => {
  const { quotas } = await quotasOf('rush', [1_000, 1_000, 100]);
  const said = await Promise.all(Array.from({ length: 12 }, () => refusal(quotas.countMessage('rush', 30))));
  expect(said.filter((one) => one === null)).toHaveLength(3);
  expect(await quotas.today('rush')).toMatchObject({ files: 3, bytes: 90 });
});

test('four requests are worked on at once; who comes fifth is turned away until one is answered', async () => {
  const { quotas } = await quotasOf('busy', [1_000, 1, 1]);
  const leave: (() => void)[] = [];
  for (let request = 0; request < 4; request += 1) leave.push(await quotas.enter('busy'));
  expect(await refusal(quotas.enter('busy'))).toEqual(['PARTNER_QUOTA', 1]);
  const calm = await quotasOf('calm', [1_000, 1, 1]);
  expect(await refusal(calm.quotas.enter('calm'))).toBeNull();
  leave[0]?.();
  expect(await refusal(quotas.enter('busy'))).toBeNull();
});

test('a minute’s requests begin anew with the next, and a quota that was raised holds within seconds', async () => {
  const { quotas, time } = await quotasOf('asker', [2, 1, 1]);
  const ask = async () => {
    const said = await refusal(quotas.enter('asker').then((leave) => leave()));
    return said?.[1] ?? null;
  };
  expect([await ask(), await ask(), await ask()]).toEqual([null, null, 30]);
  await time.advance(30_000);
  expect([await ask(), await ask(), await ask()]).toEqual([null, null, 60]);
  await database.query("UPDATE partners SET requests_a_minute = 10 WHERE id = 'asker'");
  await time.advance(5_000);
  expect(await ask()).toBeNull();
});

test('who is turned away is counted each time, written down once a minute, and told while it goes on', async () => {
  let counted = 0;
  const add = () => {
    counted += 1;
  };
  const meter: Meter = { ...silentMeter, counter: () => ({ add }) };
  const { quotas, time } = await quotasOf('loop', [1, 1, 1], meter);
  const from = time.now();
  const lately = async (since = from) =>
    (await partnersTurnedAway(database, { since, most: 50 })).find(({ whose }) => whose === 'loop')?.count;
  await quotas.enter('loop');
  for (let request = 0; request < 5; request += 1) await refusal(quotas.enter('loop'));
  expect([counted, await lately()]).toEqual([5, 1]);
  await time.advance(60_000);
  await quotas.enter('loop');
  await refusal(quotas.enter('loop'));
  expect([counted, await lately()]).toEqual([6, 6]);
  expect(await lately(time.now() + 1)).toBeUndefined();
});
