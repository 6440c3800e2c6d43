import { expect, test } from 'vitest';
import { type Newest, type RoomReadings, SocketBuffer } from './socket-buffer.ts';

const reading = (at: number, value: number): Newest => ({ device: 'logger-7', metric: 'temperature', at, value });
const incoming = (...readings: [string, string, Newest][]): RoomReadings => {
  const rooms: RoomReadings = new Map();
  for (const [room, key, newest] of readings) rooms.set(room, (rooms.get(room) ?? new Map()).set(key, newest));
  return rooms;
};

test('a browser that could not take the last value gets the newest one only', () => {
  const rooms: RoomReadings = new Map();
  const buffer = new SocketBuffer(rooms);
  buffer.enter('fleet');
  for (const newest of [reading(1_000, 5.1), reading(2_000, 5.2), reading(3_000, 5.3)]) {
    rooms.clear();
    for (const [room, readings] of incoming(['fleet', 'logger-7/1', newest])) rooms.set(room, readings);
    buffer.collect();
  }
  expect([...buffer.take()]).toEqual([['fleet', [reading(3_000, 5.3)]]]);
  expect([...buffer.take()]).toEqual([]);
});

test('late backlog does not stand before what is newer', () => {
  const rooms = incoming(['fleet', 'logger-7/1', reading(9_000, 6)]);
  const buffer = new SocketBuffer(rooms);
  buffer.enter('fleet');
  buffer.collect();
  rooms.set('fleet', new Map([['logger-7/1', reading(1_000, 4)]]));
  buffer.collect();
  expect([...buffer.take()]).toEqual([['fleet', [reading(9_000, 6)]]]);
});

test('a browser hears of the rooms it watches and of no others, and of none it left', () => {
  const rooms = incoming(['fleet', 'a/1', reading(1, 1)], ['device:logger-7', 'a/1', reading(1, 1)]);
  const buffer = new SocketBuffer(rooms);
  buffer.enter('device:logger-7');
  buffer.collect();
  buffer.leave('device:logger-7');
  expect([...buffer.take()]).toEqual([]);
  buffer.enter('fleet');
  buffer.collect();
  expect([...buffer.take()].map(([room]) => room)).toEqual(['fleet']);
});

test('thousands of devices go out in portions, none twice and none left behind', () => {
  const many = new Map(
    Array.from({ length: 2_500 }, (_, i) => [`logger-${i}/1`, { ...reading(i, i), device: `logger-${i}` }]),
  );
  const buffer = new SocketBuffer(new Map([['fleet', many]]));
  buffer.enter('fleet');
  buffer.collect();
  const portions = [buffer.take(), buffer.take(), buffer.take(), buffer.take()].map((portion) =>
    [...portion].flatMap(([, readings]) => readings),
  );
  expect(portions.map(({ length }) => length)).toEqual([1_000, 1_000, 500, 0]);
  expect(new Set(portions.flat().map(({ device }) => device)).size).toBe(2_500);
});

// It waited for the next quarter of a second, whether anything had been sent in the last one or not.
test('a room that was quiet is told at once, one that was told just now after a quarter of a second, the newest only', () => {
  const rooms: RoomReadings = new Map();
  const buffer = new SocketBuffer(rooms);
  buffer.enter('fleet');
  const heard = (at: number, value: number) => {
    rooms.set('fleet', new Map([['logger-7/1', reading(at, value)]]));
    buffer.collect();
    rooms.clear();
  };
  const take = (now: number) => [...buffer.take({ now, everyMs: 250 })].flatMap(([, readings]) => readings);
  heard(1_000, 5.1);
  expect(take(1_050)).toEqual([reading(1_000, 5.1)]);
  heard(1_060, 5.2);
  expect(take(1_100)).toEqual([]);
  heard(1_150, 5.3);
  expect(take(1_299)).toEqual([]);
  expect(take(1_300)).toEqual([reading(1_150, 5.3)]);
  heard(1_310, 5.4);
  // The clock was set back by a minute.
  expect(take(1_310 - 60_000)).toEqual([reading(1_310, 5.4)]);
});

test('no room is told more than four times a second, however much comes in', () => {
  const rooms: RoomReadings = new Map();
  const buffer = new SocketBuffer(rooms);
  buffer.enter('fleet');
  let sent = 0;
  for (let now = 0; now < 10_000; now += 50) {
    rooms.set('fleet', new Map([['logger-7/1', reading(now, now)]]));
    buffer.collect();
    sent += [...buffer.take({ now, everyMs: 250 })].length;
  }
  expect(sent).toBe(40);
});

test('what is not asked for yet stays for the next time, newest only', () => {
  const rooms = incoming(['device:a', 'a/1', reading(1, 1)], ['device:b', 'b/1', reading(1, 1)]);
  const buffer = new SocketBuffer(rooms);
  buffer.enter('device:a');
  buffer.enter('device:b');
  buffer.collect();
  expect(buffer.take().next().value?.[0]).toBe('device:a');
  rooms.clear();
  rooms.set('device:b', new Map([['b/1', reading(2, 2)]]));
  buffer.collect();
  expect([...buffer.take()]).toEqual([['device:b', [reading(2, 2)]]]);
});
