/**
 * The rules engine, one core, one run: the rule "outside 2-8 °C for 10 minutes" over 10,000 devices, a reading a minute
 * each, the devices in another random order every minute as a log gives them; beside it a bare loop over typed arrays; the
 * same with late readings; three kinds of rules; and the memory each watch (rule on a key) takes.
 *
 * The bare loop reads the same columns, keeps a device's last time, beginning of its run and whether it has fired in typed
 * arrays, checks that the reading is newer than the last, judges gaps (the rule's maxGap of 30 minutes) and counts the
 * same findings. It does not keep readings (so it has no answer to a late one but to drop it), knows no names, rules,
 * versions or contexts, and makes no findings that could be published. Beside it the same loop that keeps each device's
 * last 32 readings, as the engine does.
 *
 * Rates are per second of this thread's processor time. node --expose-gc bench/rules.ts (memory needs --expose-gc)
 */
import { type ReadingColumns, type Rule, systemTime } from '../domain/index.ts';
import { BOUNDED_TAIL, Engine, Rulebook, type TailSize, WHOLE_TAIL } from '../rules/index.ts';
import { cpuMs } from './cpu.ts';

const DEVICES = 10_000;
const ROUNDS = 100;
/** Readings of a device that late ones are judged with, as the engine's tails keep them. */
const KEPT = 32;
const TEMPERATURE = 1;
const START = Date.parse('2026-11-22T00:00:00Z');
const MINUTE = 60_000;

const tenMinutes: Rule = {
  ...{ id: 'outside', kind: 'threshold', metric: 'temperature', severity: 'critical' },
  ...{ above: 8, below: 2, forMs: 10 * MINUTE, maxGapMs: 30 * MINUTE, gap: 'unknown', keepFiringForMs: 0 },
};
const silent: Rule = {
  id: 'silent',
  kind: 'silence',
  metric: 'temperature',
  severity: 'warning',
  afterMs: 30 * MINUTE,
};
const mkt: Rule = {
  id: 'mkt',
  kind: 'mkt',
  metric: 'temperature',
  severity: 'critical',
  above: 8,
  windowMs: 24 * 60 * MINUTE,
};

/** Numbers in [0, 1), the same in every run. Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffle(devices: Uint32Array, random: () => number): Uint32Array {
  for (let i = devices.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    const moved = devices[i] as number;
    devices[i] = devices[other] as number;
    devices[other] = moved;
  }
  return devices;
}

/** A minute of readings of all devices each; every 25th device is outside for a quarter of the time: 2 % of the readings. */
function batches(devices: number, rounds: number): ReadingColumns[] {
  const names = Array.from({ length: devices }, (_, i) => `logger-${i}`);
  const random = randomFrom(1);
  return Array.from({ length: rounds }, (_, round) => {
    const device = shuffle(
      Uint32Array.from(names, (_, i) => i),
      random,
    );
    return {
      count: devices,
      devices: names,
      device,
      metric: new Uint8Array(devices).fill(TEMPERATURE),
      time: new Float64Array(devices).fill(START + round * MINUTE),
      value: Float64Array.from(device, (i) => 5 + (i % 25 === 0 ? 4 : 2.8) * Math.sin((round + i * 7) / 40)),
    };
  });
}

/** The same readings as a decoder gives them: every batch with a list of names of its own. */
function withOwnNames(all: readonly ReadingColumns[]): ReadingColumns[] {
  return all.map((columns) => ({ ...columns, devices: JSON.parse(JSON.stringify(columns.devices)) }));
}

function engineWith(rules: readonly Rule[], tail: TailSize = BOUNDED_TAIL): Engine {
  const book = new Rulebook(rules.map((rule) => ({ rule, version: 1, effectiveFrom: null })));
  return new Engine({ plan: book.planWith(() => undefined), tail });
}

function judge(engine: Engine, all: readonly ReadingColumns[]): { rate: number; findings: number } {
  let readings = 0;
  let findings = 0;
  const [first, ...rest] = all;
  if (first !== undefined) engine.apply(first);
  const from = cpuMs();
  for (const columns of rest) {
    engine.apply(columns);
    engine.setNow(columns.time[0] ?? 0);
    for (const { event } of engine.flush(0)) if (event === 'opened') findings++;
    readings += columns.count;
  }
  return { rate: (readings / (cpuMs() - from)) * 1_000, findings };
}

/** The same rule for data that is in order; see above for what it does not do. */
function bare(
  [opening, ...all]: readonly ReadingColumns[],
  keepsReadings: boolean,
): { rate: number; findings: number } {
  const times = new Float64Array(keepsReadings ? DEVICES * KEPT : 0);
  const values = new Float64Array(keepsReadings ? DEVICES * KEPT : 0);
  const size = new Uint32Array(DEVICES);
  const since = new Float64Array(DEVICES).fill(Number.NaN);
  const fired = new Uint8Array(DEVICES);
  const last = new Float64Array(DEVICES);
  let readings = 0;
  let findings = 0;
  const judge = ({ count, device, time, value }: ReadingColumns) => {
    for (let row = 0; row < count; row++) {
      const i = device[row] as number;
      const at = time[row] as number;
      const celsius = value[row] as number;
      const before = last[i] as number;
      if (at <= before) continue;
      last[i] = at;
      if (keepsReadings) {
        const place = i * KEPT + ((size[i] as number) % KEPT);
        times[place] = at;
        values[place] = celsius;
        size[i] = (size[i] as number) + 1;
      }
      if (at - before > 30 * MINUTE) {
        since[i] = Number.NaN;
        fired[i] = 0;
      }
      const from = since[i] as number;
      const isInside = celsius <= 8 && celsius >= 2;
      if (fired[i] === 0 && at - from >= 10 * MINUTE) {
        fired[i] = 1;
        findings++;
      }
      if (isInside) {
        since[i] = Number.NaN;
        fired[i] = 0;
      } else if (Number.isNaN(from)) since[i] = at;
    }
  };
  if (opening !== undefined) judge(opening);
  const from = cpuMs();
  for (const columns of all) {
    judge(columns);
    readings += columns.count;
  }
  return { rate: (readings / (cpuMs() - from)) * 1_000, findings };
}

/** Holds back 1 % of the readings: half come a few minutes late, half as a backlog of two hours at once. */
function withLate(all: readonly ReadingColumns[]): ReadingColumns[] {
  const held: { at: number; device: number; time: number; value: number }[] = [];
  return all.map((columns, round) => {
    const rows: { device: number; time: number; value: number }[] = [];
    for (let row = 0; row < columns.count; row++) {
      const i = columns.device[row] ?? 0;
      const reading = { device: i, time: columns.time[row] ?? 0, value: columns.value[row] ?? 0 };
      const isBacklog = i % 130 === 7 && round % 90 < 60;
      if (i % 150 === 3 && round % 4 !== 0) held.push({ ...reading, at: round + 3 + (round % 5) });
      else if (isBacklog) held.push({ ...reading, at: round - (round % 90) + 65 });
      else rows.push(reading);
    }
    const due = held.filter(({ at }) => at <= round);
    for (const reading of due) held.splice(held.indexOf(reading), 1);
    rows.push(...due);
    return {
      count: rows.length,
      devices: columns.devices,
      device: Uint32Array.from(rows, ({ device }) => device),
      metric: new Uint8Array(rows.length).fill(TEMPERATURE),
      time: Float64Array.from(rows, ({ time }) => time),
      value: Float64Array.from(rows, ({ value }) => value),
    };
  });
}

/** Objects and columns, once what is dropped has gone: columns are given back in the background. */
async function memoryInUse(collect: () => void): Promise<number> {
  for (let times = 0; times < 2; times++) {
    collect();
    await systemTime.sleep('memory is given back', 50);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const million = (rate: number) => `${(rate / 1e6).toFixed(2)} M/s`;
const say = (text: string) => process.stdout.write(`${text}\n`);
if (globalThis.gc === undefined) say('memory: run with node --expose-gc');
else {
  const rules = Array.from({ length: 10 }, (_, i): Rule => ({ ...tenMinutes, id: `rule-${i}`, above: 8 + i }));
  const few = batches(DEVICES, 40);
  // Once for the code that is compiled on the way, which is no device's.
  judge(engineWith(rules), few);
  const before = await memoryInUse(globalThis.gc);
  const engine = engineWith(rules);
  judge(engine, few);
  const bytes = (await memoryInUse(globalThis.gc)) - before;
  say(
    `memory, ${DEVICES} devices × 10 rules      ${(bytes / DEVICES / 10).toFixed(0)} bytes per device and rule, tails and findings (${engine.present().length}) included`,
  );
}

const all = batches(DEVICES, ROUNDS);
const best = (run: () => { rate: number; findings: number }) =>
  [run(), run(), run()].reduce((a, b) => (b.rate > a.rate ? b : a));

const limit = best(() => bare(all, false));
const keeping = best(() => bare(all, true));
const ours = best(() => judge(engineWith([tenMinutes]), all));
say(`threshold, ${DEVICES} devices, in order   ${million(ours.rate)}, ${ours.findings} findings`);
say(`bare typed-array loop                  ${million(limit.rate)}, ${limit.findings} findings`);
say(`ratio                                  ${(ours.rate / limit.rate).toFixed(2)}`);
say(
  `the bare loop, keeping ${KEPT} readings      ${million(keeping.rate)}, ratio ${(ours.rate / keeping.rate).toFixed(2)}`,
);
const named = judge(engineWith([tenMinutes]), withOwnNames(all));
say(`names looked up anew in every batch    ${million(named.rate)}`);
const late = withLate(all);
const lateRows = late.reduce((sum, { count, time }, round) => {
  let older = 0;
  for (let i = 0; i < count; i++) if ((time[i] ?? 0) < START + round * MINUTE) older++;
  return sum + older;
}, 0);
const whole = best(() => judge(engineWith([tenMinutes], WHOLE_TAIL), all));
const rewound = best(() => judge(engineWith([tenMinutes], WHOLE_TAIL), late));
say(`all readings kept, in order            ${million(whole.rate)}`);
say(
  `all readings kept, ${((lateRows / (DEVICES * ROUNDS)) * 100).toFixed(2)} % late         ${million(rewound.rate)}: cost × ${(whole.rate / rewound.rate).toFixed(2)}`,
);
const three = judge(engineWith([tenMinutes, silent, mkt]), all);
say(`threshold, silence and mkt             ${million(three.rate)}`);
