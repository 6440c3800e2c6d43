import { expect, it } from 'vitest';
import { keyQuality, systemTime } from '../domain/index.ts';
import { doorOf } from './logger-file-door.ts';
import { LoggerFileThread, readerHere } from './logger-file-reader.ts';
import { admitFile, answerOf } from './logger-file-records.ts';
import { readingsIn } from './replay.ts';

const NOW = Date.parse('2026-11-29T00:00:00Z');
const bytes = Buffer.from('Time;T1 °C;T2 °C\n25.10.2026 02:30;5,1;6\n22.11.2026 10:00;5,2;6,1\n');

// `archive verify` holds stored readings against the originals: the bytes alone do not say how they were read.
it('the original of a file brings its readings again, by the zone, device and answers it was read with', async () => {
  const reading = { zone: 'Europe/Berlin', device: 'usb-1', mapping: null, twice: 'second' as const };
  const { taken } = await admitFile(bytes, reading, NOW);
  const subjects = [{ id: 'usb-1.1', from: NOW, to: NOW }];
  const again = await readingsIn({ arrival: NOW, source: 'paula', door: doorOf(reading), subjects, payload: bytes });
  const rows = again.flatMap(({ count, devices, device, time, value }) =>
    Array.from({ length: count }, (_, i) => [devices[device[i] ?? 0], time[i], value[i]]),
  );
  expect(rows).toEqual(taken.map((one) => [one.device, one.time, one.value]));
  expect(rows.map(([device, time]) => `${device} ${new Date(Number(time)).toISOString()}`)).toEqual([
    'usb-1.1 2026-10-25T01:30:00.000Z',
    'usb-1.2 2026-10-25T01:30:00.000Z',
    'usb-1.1 2026-11-22T09:00:00.000Z',
    'usb-1.2 2026-11-22T09:00:00.000Z',
  ]);
});

it('what waits and what is ahead is said row by row', async () => {
  const file = Buffer.from(
    'Time;T °C\n25.10.2026 02:30;5\n22.11.2024 10:00;6\n24.12.2026 10:00;7\n22.11.2026 10:00;8\n',
  );
  const admitted = await admitFile(file, { zone: 'Europe/Berlin', device: 'usb-1', mapping: null, twice: null }, NOW);
  const { waits, waiting, refused, devices } = answerOf(admitted, 'x.csv', (_, metric) => keyQuality(metric));
  expect([waiting, waits.map(({ row, reason }) => `${row} ${reason}`)]).toEqual([
    2,
    ['2 TIME_TWICE', '3 TIME_TOO_OLD'],
  ]);
  expect(refused.map(({ row, reason }) => `${row} ${reason}`)).toEqual(['4 TIME_AHEAD']);
  expect(devices[0]?.taken).toBe(1);
});

it('a thread of its own reads the same, and says the same where it does not', async () => {
  const thread = new LoggerFileThread({ time: systemTime });
  const question = { bytes, zone: 'Europe/Berlin' };
  expect(await thread.read(question)).toEqual(await readerHere.read(question));
  expect(await thread.rows(bytes, 2)).toEqual(await readerHere.rows(bytes, 2));
  await expect(thread.read({ ...question, zone: 'EST' })).rejects.toMatchObject({ code: 'LOGGER_FILE_ZONE_UNKNOWN' });
});
