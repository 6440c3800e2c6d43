/**
 * The rules engine, one core, one run: readings per second in order for the rule "outside 2-8 °C for 10 minutes" over
 * 10,000 devices, beside a bare loop over typed arrays that does the same for data in order and nothing else; the same
 * with 1 % of the readings late; with all kinds of rules; and the memory each watch (rule on a key) takes.
 *
 * node --expose-gc bench/rules.ts (a ratio is printed without --expose-gc too, memory is not)
 */
import { type ReadingColumns, type Rule, systemTime } from '../domain/index.ts';
import { BOUNDED_TAIL, Engine, Rulebook, type TailSize, WHOLE_TAIL } from '../rules/index.ts';

const DEVICES = 10_000;
const ROUNDS = 200;
const TEMPERATURE = 1;
const START = Date.parse('2026-11-22T00:00:00Z');
const MINUTE = 60_000;

const tenMinutes: Rule = {
  ...{ id: 'outside', kind: 'threshold', metric: 'temperature', severity: 'critical' },
  ...{ above: 8, below: 2, forMs: 10 * MINUTE, gap: 'unknown', keepFiringForMs: 0 },
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

/** One minute of readings of all devices; every 25th device is outside for a quarter of the time: 2 % of the readings. */
function batches(devices: number, rounds: number): ReadingColumns[] {
  const names = Array.from({ length: devices }, (_, i) => `logger-${i}`);
  return Array.from({ length: rounds }, (_, round) => {
    const columns = {
      count: devices,
      devices: names,
      device: Uint32Array.from(names, (_, i) => i),
      metric: new Uint8Array(devices).fill(TEMPERATURE),
      time: new Float64Array(devices).fill(START + round * MINUTE),
      value: new Float64Array(devices),
    };
    for (let i = 0; i < devices; i++) columns.value[i] = 5 + (i % 25 === 0 ? 4 : 2.8) * Math.sin((round + i * 7) / 40);
    return columns;
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
  const from = systemTime.monotonic();
  for (const columns of rest) {
    engine.apply(columns);
    engine.setNow(columns.time[0] ?? 0);
    for (const { event } of engine.flush(0)) if (event === 'opened') findings++;
    readings += columns.count;
  }
  return { rate: (readings / (systemTime.monotonic() - from)) * 1_000, findings };
}

/** The same rule for data that is in order, without gaps, findings or anything else. */
function bare(all: readonly ReadingColumns[]): { rate: number; findings: number } {
  const since = new Float64Array(DEVICES).fill(Number.NaN);
  const fired = new Uint8Array(DEVICES);
  const last = new Float64Array(DEVICES);
  let readings = 0;
  let findings = 0;
  const from = systemTime.monotonic();
  for (const { count, device, time, value } of all) {
    for (let row = 0; row < count; row++) {
      const i = device[row] as number;
      const at = time[row] as number;
      const celsius = value[row] as number;
      if (at <= (last[i] as number)) continue;
      last[i] = at;
      if (celsius <= 8 && celsius >= 2) {
        since[i] = Number.NaN;
        fired[i] = 0;
      } else if (Number.isNaN(since[i])) since[i] = at;
      else if (fired[i] === 0 && at - (since[i] as number) >= 10 * MINUTE) {
        fired[i] = 1;
        findings++;
      }
    }
    readings += count;
  }
  return { rate: (readings / (systemTime.monotonic() - from)) * 1_000, findings };
}

/** Holds back 1 % of the readings: half come a few minutes late, half as a backlog of two hours at once. */
function withLate(all: readonly ReadingColumns[]): ReadingColumns[] {
  const held: { at: number; device: number; time: number; value: number }[] = [];
  return all.map((columns, round) => {
    const rows: { device: number; time: number; value: number }[] = [];
    for (let i = 0; i < columns.count; i++) {
      const reading = { device: i, time: columns.time[i] ?? 0, value: columns.value[i] ?? 0 };
      const isBacklog = i % 200 === 7 && round % 180 < 120 && i % 3 === 0;
      if (i % 200 === 3 && round % 4 !== 0) held.push({ ...reading, at: round + 3 + (round % 5) });
      else if (isBacklog) held.push({ ...reading, at: round - (round % 180) + 125 });
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

const million = (rate: number) => `${(rate / 1e6).toFixed(2)} M/s`;
const say = (text: string) => process.stdout.write(`${text}\n`);
const all = batches(DEVICES, ROUNDS);
const best = (run: () => { rate: number; findings: number }) =>
  [run(), run(), run()].reduce((a, b) => (b.rate > a.rate ? b : a));

const limit = best(() => bare(all));
const ours = best(() => judge(engineWith([tenMinutes]), all));
say(`threshold, ${DEVICES} devices, in order   ${million(ours.rate)}, ${ours.findings} findings`);
say(`bare typed-array loop                  ${million(limit.rate)}, ${limit.findings} findings`);
say(`ratio                                  ${(ours.rate / limit.rate).toFixed(2)}`);
const named = best(() => judge(engineWith([tenMinutes]), withOwnNames(all)));
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
const three = best(() => judge(engineWith([tenMinutes, silent, mkt]), all));
say(`threshold, silence and mkt             ${million(three.rate)}`);

if (globalThis.gc === undefined) say('memory: run with node --expose-gc');
else {
  const rules = Array.from({ length: 10 }, (_, i): Rule => ({ ...tenMinutes, id: `rule-${i}`, above: 8 + i }));
  const few = batches(DEVICES, 40);
  globalThis.gc();
  const before = process.memoryUsage();
  const engine = engineWith(rules);
  judge(engine, few);
  globalThis.gc();
  const after = process.memoryUsage();
  const bytes = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
  say(
    `memory, ${DEVICES} devices × 10 rules      ${(bytes / DEVICES / 10).toFixed(0)} bytes per device and rule, tails and findings (${engine.present().length}) included`,
  );
}
