import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualTime, SPEAKS_FOR_ALL, silentLogger, silentMeter } from '../domain/index.ts';
import { DeviceVitalsNoticed } from './device-vitals.ts';
import { Intake } from './index.ts';
import { MemoryLog } from './testing/memory-log.ts';

const START = Date.parse('2026-11-22T10:00:00Z');
const MINUTE = 60_000;

/** Messages as (minutes of arrival, minutes stated). */
function clockAfter(...messages: readonly (readonly [arrival: number, stated: number])[]) {
  const noticed = new DeviceVitalsNoticed();
  for (const [arrival, stated] of messages) noticed.told('logger-7', START + stated * MINUTE, START + arrival * MINUTE);
  return noticed.changed()[0]?.clock ?? null;
}

test('a clock that is five minutes behind is said to be, by the median of its live messages', () => {
  const live = Array.from({ length: 20 }, (_, i) => [10 * i, 10 * i - 5 - (i % 7 === 3 ? 4 : 0)] as const);
  expect(clockAfter(...live)).toMatchObject({ behindMs: 5 * MINUTE, messages: 15 });
});

test('one that is ahead is behind by less than nothing', () => {
  expect(clockAfter(...[0, 10, 20, 30].map((at) => [at, at + 2] as const))?.behindMs).toBe(-2 * MINUTE);
});

// A logger that came back after a day was said to have a clock a day behind.
test('a backlog says nothing of the clock', () => {
  const live = [0, 10, 20, 30].map((at) => [at, at] as const);
  const away = Array.from({ length: 60 }, (_, i) => [640 + i / 100, 40 + 10 * i] as const);
  expect(clockAfter(...live, ...away)).toMatchObject({ behindMs: 0, messages: 3 });
  // Nor where it is the first that is heard of a device.
  expect(clockAfter(...away)).toBeNull();
});

// With more devices than were remembered each was forgotten before its third message: nothing was said of any.
test('of more devices than are remembered each has its turn', () => {
  const noticed = new DeviceVitalsNoticed(10);
  const said = new Set<string>();
  for (let minute = 0; minute < 200; minute++) {
    for (let n = 0; n < 25; n++) noticed.told(`logger-${n}`, START + minute * MINUTE, START + minute * MINUTE);
    for (const { device } of noticed.changed()) said.add(device);
  }
  expect(said.size).toBe(25);
});

test('until three live messages have come nothing is said', () => {
  expect(clockAfter([0, 0], [10, 10], [20, 20])).toBeNull();
  expect(clockAfter([0, 0], [10, 10], [20, 20], [30, 30])).not.toBeNull();
});

test('a clock that was set is measured anew', () => {
  const fast = [0, 10, 20, 30, 40].map((at) => [at, at + 600] as const);
  const right = [50, 60, 70, 80, 90, 100].map((at) => [at, at] as const);
  expect(clockAfter(...fast)?.behindMs).toBe(-600 * MINUTE);
  expect(clockAfter(...fast, ...right)?.behindMs).toBe(0);
});

test('repeats and messages out of order never make another lag of it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(29), { maxLength: 60 }), (extra) => {
      const noticed = new DeviceVitalsNoticed();
      const told = (i: number, arrival: number) =>
        noticed.told('logger-7', START + i * MINUTE, START + arrival * MINUTE);
      for (let i = 0; i < 30; i++) {
        told(i, i + 3);
        for (const other of extra) if (other <= i) told(other, i + 3.5);
      }
      const clock = noticed.changed()[0]?.clock ?? null;
      if (clock !== null) expect(clock.behindMs).toBe(3 * MINUTE);
      if (extra.length === 0) expect(clock).not.toBeNull();
    }),
  );
});

test('how well a device was received is the latest that was said', () => {
  const noticed = new DeviceVitalsNoticed();
  noticed.received('logger-7', { rssi: -110, snr: -3 }, START);
  noticed.received('logger-7', { rssi: -90, snr: null }, START + 1);
  const signal = { rssi: -90, snr: null, at: START + 1 };
  expect(noticed.changed()).toEqual([{ device: 'logger-7', clock: null, signal }]);
  expect(noticed.changed()).toEqual([]);
});

test('messages of a logger and uplinks of a network are noticed on their way in; a message without a time is not', async () => {
  const time = new ManualTime(START);
  const common = { time, logger: silentLogger, meter: silentMeter };
  const intake = new Intake({ log: new MemoryLog(), speaksFor: SPEAKS_FOR_ALL, ...common });
  const send = (clientId: string, topic: string, message: object) =>
    intake.taken({ clientId, topic, payload: Buffer.from(JSON.stringify(message)), arrival: time.now() });
  for (let i = 0; i < 5; i++) {
    const behind = new Date(time.now() - 2 * MINUTE).toISOString();
    await send('logger-7', 'isotherm/v1/devices/logger-7/readings', { time: behind, temperature: 5 });
    await send('logger-8', 'isotherm/v1/devices/logger-8/readings', { temperature: 5 });
    const received = { deviceInfo: { devEui: 'aa' }, time: new Date(time.now()).toISOString(), fCnt: i, devAddr: '1' };
    const rxInfo = [
      { rssi: -113, snr: -7.2 },
      { rssi: -98, snr: 4.5 },
      { rssi: 'loud', snr: 99 },
    ];
    await send('chirp', 'application/1/device/aa/event/up', { ...received, rxInfo, object: { temperature: 5 } });
    await time.advance(5 * MINUTE);
  }
  const noticed = new Map(intake.vitals.changed().map(({ device, ...vitals }) => [device, vitals]));
  expect(noticed.get('logger-7')).toMatchObject({ clock: { behindMs: 2 * MINUTE, messages: 4 }, signal: null });
  expect(noticed.get('aa')).toMatchObject({ clock: { behindMs: 0 }, signal: { rssi: -98, snr: 4.5 } });
  expect(noticed.has('logger-8')).toBe(false);
  await intake.stop();
});
