/**
 * The rules engine with everything at once, on one core: 20 rules of all kinds over 100,000 devices; 1 % of the readings
 * late, half of them within the tail, half as backlogs of two hours that are judged from history; and how long it takes
 * until a restarted engine stands again, 10 rules a device, from 64 stored readings each (without the database).
 *
 * Two fleets: a hard one, in which every device goes smoothly towards its limits and back, so that warnings are under way
 * for much of it; and a calm one, as fleets are, in which 99 % only have noise within their limits.
 *
 * Rates and times are of this thread's processor time, without the making of readings, but with some of the collecting of
 * what that leaves behind. `--devices 20000` for a shorter run.
 */
import { parseArgs } from 'node:util';
import type { ReadingColumns, Rule } from '../domain/index.ts';
import { BOUNDED_TAIL, Engine, Rulebook } from '../rules/index.ts';
import { cpuMs } from './cpu.ts';

const { values: options } = parseArgs({ options: { devices: { type: 'string', default: '100000' } } });
const DEVICES = Number(options.devices);
const ROUNDS = 80;
const TEMPERATURE = 1;
const START = Date.parse('2026-11-22T00:00:00Z');
const MINUTE = 60_000;
const EVERY = 5 * MINUTE;
const HOUR = 60 * MINUTE;

const base = { metric: 'temperature', severity: 'warning' } as const;
const threshold = (id: string, limits: { above?: number; below?: number }, forMs = 10 * MINUTE): Rule => ({
  ...{ ...base, id, kind: 'threshold', ...limits },
  ...{ forMs, gap: 'unknown', keepFiringForMs: 0 },
});
const COLUMNS: readonly Rule[] = [
  ...[8, 9, 10, 12, 15, 20, 25].map((above) => threshold(`above-${above}`, { above })),
  ...[2, 1, 0].map((below) => threshold(`below-${below}`, { below }, 0)),
];
const RULES: readonly Rule[] = [
  ...COLUMNS,
  { ...base, id: 'silent', kind: 'silence', afterMs: 30 * MINUTE },
  { ...base, id: 'silent-long', kind: 'silence', afterMs: 6 * HOUR },
  { ...base, id: 'mkt', kind: 'mkt', windowMs: 3 * HOUR, above: 7.5 },
  { ...base, id: 'rise', kind: 'rate', windowMs: 30 * MINUTE, limit: 3 },
  { ...base, id: 'fall', kind: 'rate', windowMs: 30 * MINUTE, limit: -3 },
  { ...base, id: 'shock', kind: 'shock', limit: 30, keepFiringForMs: 0 },
  { ...base, id: 'interval', kind: 'interval', journeyMs: 20 * HOUR },
  { ...base, id: 'thaw', kind: 'freezeThaw', count: 2, windowMs: 6 * HOUR, frozenBelow: 0, thawedAbove: 2 },
  { ...base, id: 'soon', kind: 'forecast', above: 8, windowMs: HOUR, withinMs: HOUR, confidence: 0.95 },
  { ...base, id: 'soon-cold', kind: 'forecast', below: 2, windowMs: HOUR, withinMs: HOUR, confidence: 0.95 },
];
const names = Array.from({ length: DEVICES }, (_, i) => `logger-${i}`);

function engineWith(rules: readonly Rule[]): Engine {
  const book = new Rulebook(rules.map((rule) => ({ rule, version: 1, effectiveFrom: null })));
  return new Engine({ plan: book.planWith(() => undefined), tail: BOUNDED_TAIL });
}

/** The temperature of a device in a round, °C. */
type Fleet = (device: number, round: number) => number;

const hard: Fleet = (device, round) => 5 + (device % 25 === 0 ? 4 : 2.8) * Math.sin((round + device * 7) / 40);

/** As loggers tell it, in tenths: a set point, a slow swing of the compressor and the room, noise; 1 % as in the hard fleet. */
const calm: Fleet = (device, round) => {
  if (device % 100 === 0) return hard(device, round);
  const swing = 0.3 * Math.sin((round + device * 7) / 6);
  return Math.round((4 + (device % 11) / 5 + swing + noiseAt(device, round)) * 10) / 10;
};

/** Between -0.6 and 0.6 °C, mostly small; the same for the same device and round. */
function noiseAt(device: number, round: number): number {
  let hash = Math.imul(device + 1, 0x9e3779b1) ^ Math.imul(round + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash ^= hash >>> 13;
  return (((hash & 0xffff) + ((hash >>> 16) & 0xffff)) / 0xffff - 1) * 0.6;
}

function columnsOf(fleet: Fleet, devices: readonly number[], roundOf: (k: number) => number): ReadingColumns {
  return {
    count: devices.length,
    devices: names,
    device: Uint32Array.from(devices),
    metric: new Uint8Array(devices.length).fill(TEMPERATURE),
    time: Float64Array.from(devices, (_, k) => START + roundOf(k) * EVERY),
    value: Float64Array.from(devices, (device, k) => fleet(device, roundOf(k))),
  };
}

/** Devices whose readings come late: 1 % of all readings, half by up to three rounds, half as two hours at once that are
 * older than the tail: the logger has gone on for three hours when it finds time for them. */
const isSlow = (device: number) => device % 150 === 3;
const isCut = (device: number) => device % 60 === 7;
const BACKLOG = { from: 10, to: 34, arrives: 74 };

/** What comes in each round, in order or with the late ones held back. Nothing but the order differs. */
function* rounds(
  fleet: Fleet,
  hasLate: boolean,
): Generator<{ readonly columns: ReadingColumns; readonly round: number }> {
  for (let round = 0; round < ROUNDS; round++) {
    const devices: number[] = [];
    const at: number[] = [];
    const put = (device: number, measured: number) => {
      devices.push(device);
      at.push(measured);
    };
    for (let device = 0; device < DEVICES; device++) {
      if (!hasLate || (!isSlow(device) && !isCut(device))) put(device, round);
      else if (isSlow(device)) {
        // Every round but the fourth waits until the fourth is in.
        if (round % 4 === 3) for (const behind of [0, 3, 2, 1]) put(device, round - behind);
        else if (round >= ROUNDS - (ROUNDS % 4)) put(device, round);
      } else {
        if (round < BACKLOG.from || round >= BACKLOG.to) put(device, round);
        if (round === BACKLOG.arrives) for (let past = BACKLOG.from; past < BACKLOG.to; past++) put(device, past);
      }
    }
    yield { columns: columnsOf(fleet, devices, (k) => at[k] as number), round };
  }
}

/** Stored readings of a device: all of rounds [from, to). */
function stored(fleet: Fleet, device: number, from: number, to: number) {
  const count = Math.max(0, to - from);
  return {
    count,
    time: Float64Array.from({ length: count }, (_, i) => START + (from + i) * EVERY),
    value: Float64Array.from({ length: count }, (_, i) => fleet(device, from + i)),
  };
}

function judge(rules: readonly Rule[], fleet: Fleet, hasLate = false) {
  const engine = engineWith(rules);
  let [readings, ms, late, beyond, changes] = [0, 0, 0, 0, 0];
  for (const { columns, round } of rounds(fleet, hasLate)) {
    for (let i = 0; i < columns.count; i++) if ((columns.time[i] ?? 0) < START + round * EVERY) late++;
    const from = cpuMs();
    engine.apply(columns);
    engine.setNow(START + round * EVERY);
    const told = engine.flush(0).length;
    for (const parked of engine.parked()) {
      beyond++;
      const tail = Math.round((engine.tailFrom(parked.key) - START) / EVERY);
      const device = Number(parked.device.slice('logger-'.length));
      engine.reevaluate(parked, { readings: stored(fleet, device, 0, tail), isWhole: true, reachesTail: true });
    }
    engine.flush(0);
    // The first round opens the keys.
    if (round > 0) {
      ms += cpuMs() - from;
      readings += columns.count;
      changes += told;
    }
  }
  return {
    rate: (readings / ms) * 1_000,
    changing: changes / readings,
    late: late / (DEVICES * ROUNDS),
    beyond,
    findings: engine.present().length,
  };
}

const million = (rate: number) => `${(rate / 1e6).toFixed(2)} M/s`;
const say = (text: string) => process.stdout.write(`${text}\n`);

const percent = (part: number) => `${(part * 100).toFixed(2)} %`;

say(`20 rules of all kinds on ${DEVICES} devices`);
const quiet = judge(RULES, calm);
say(
  `calm fleet, 1 % of devices in trouble ${million(quiet.rate)}, ${percent(quiet.changing)} of readings change a finding, ` +
    `${quiet.findings} findings`,
);
const inOrder = judge(RULES, hard);
say(
  `hard fleet, all devices in motion    ${million(inOrder.rate)}, ${percent(inOrder.changing)} of readings change a finding, ` +
    `${inOrder.findings} findings`,
);
const columns = judge(COLUMNS, hard);
say(`hard fleet, 10 of them, thresholds   ${million(columns.rate)}`);
const late = judge(RULES, hard, true);
const same = late.findings === inOrder.findings ? 'the same findings' : `${late.findings} findings`;
say(
  `hard fleet, ${percent(late.late)} late             ${million(late.rate)}: cost × ${(inOrder.rate / late.rate).toFixed(2)}, ` +
    `${late.beyond} keys judged from history, ${same}`,
);

globalThis.gc?.();
const from = cpuMs();
const restored = engineWith(COLUMNS);
for (const [device, name] of names.entries()) {
  const readings = stored(hard, device, 0, 64);
  restored.restore({ device: name, metric: TEMPERATURE }, { readings, isWhole: false, firstTime: START }, []);
}
restored.restored();
say(`restore, ${DEVICES} devices × 10 rules    ${((cpuMs() - from) / 1_000).toFixed(1)} s without the database`);
