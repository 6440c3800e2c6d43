/**
 * What a forecast is worth, on simulated loggers with 0.15 °C of noise and 0.1 °C of resolution, one rule for
 * readings every 5 minutes and one for every minute: how long before the limit of 8 °C it warns (median, and in how many of the cases at all), and how many
 * warnings come in a month of a healthy device without the limit being reached in the two hours after, with defrosts,
 * door openings and a daily swing.
 *
 * Air in a closed space goes towards a temperature outside it: dT/dt = (outside - T) / tau.
 */
import { ReadingBuilder, type Rule } from '../domain/index.ts';
import { Engine, Rulebook, WHOLE_TAIL } from '../rules/index.ts';

const TEMPERATURE = 1;
const START = Date.parse('2026-11-01T00:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60;
const CASES = 200;
/** A warning is false where the limit is not reached so many minutes after it. */
const TOLD_IN_TIME = 120;
const LIMIT = 8;
const DEVICES = 20;

interface Setting {
  /** Minutes. */
  readonly every: number;
  readonly window: number;
  readonly within: number;
  readonly confidence: 0.95 | 0.99 | 0.999;
}

const SETTINGS: readonly Setting[] = [
  { every: 5, window: 45, within: 60, confidence: 0.99 },
  { every: 5, window: 90, within: 60, confidence: 0.999 },
  { every: 1, window: 10, within: 15, confidence: 0.99 },
];

interface Failure {
  readonly name: string;
  /** °C outside, and minutes in which 63 % of the way there is gone. */
  readonly outside: number;
  readonly tau: number;
}

const FAILURES: readonly Failure[] = [
  { name: 'fridge fails', outside: 21, tau: 360 },
  { name: 'door left open', outside: 21, tau: 60 },
  { name: 'reefer off, 30 °C', outside: 30, tau: 900 },
];

interface Minute {
  /** Minutes since the beginning. */
  readonly minute: number;
  readonly celsius: number;
}

/** A healthy 2-8 °C store: the compressor's swing, a day's swing, a defrost every 6 hours, doors now and then. */
function* store(random: () => number, minutes: number, failure?: { readonly at: number; readonly kind: Failure }) {
  let celsius = 5;
  let doorUntil = -1;
  for (let minute = 0; minute < minutes; minute++) {
    const isWorkday = minute % DAY > 7 * 60 && minute % DAY < 18 * 60;
    if (isWorkday && random() < 1 / 60) doorUntil = minute + 1 + random() * 5;
    const isDefrosting = minute % 360 < 20;
    if (failure !== undefined && minute >= failure.at) celsius += (failure.kind.outside - celsius) / failure.kind.tau;
    else {
      const day = Math.sin((2 * Math.PI * minute) / DAY) * 0.4;
      const compressor = Math.sin((2 * Math.PI * minute) / 25) * 0.5;
      const wanted = 5 + day + compressor + (isDefrosting ? 1.5 : 0);
      celsius += (wanted - celsius) / 15 + (minute < doorUntil ? (21 - celsius) / 60 : 0);
    }
    yield { minute, celsius } satisfies Minute;
  }
}

/** Warnings in the order they came, as the reading's minute, and when the true temperature first passed the limit. */
function watch(setting: Setting, minutes: Iterable<Minute>, random: () => number) {
  const { every, window, within, confidence } = setting;
  const rule: Rule = {
    ...{ id: 'soon', kind: 'forecast', metric: 'temperature', severity: 'warning', above: LIMIT },
    ...{ windowMs: window * MINUTE, withinMs: within * MINUTE, confidence },
  };
  const book = new Rulebook([{ rule, version: 1, effectiveFrom: null }]);
  const engine = new Engine({ plan: book.planWith(() => undefined), tail: WHOLE_TAIL });
  const warned: number[] = [];
  const retracted: number[] = [];
  const beyond: number[] = [];
  for (const { minute, celsius } of minutes) {
    if (celsius > LIMIT) beyond.push(minute);
    if (minute % every !== 0) continue;
    const measured = Math.round((celsius + 0.15 * normal(random)) * 10) / 10;
    const builder = new ReadingBuilder();
    builder.add('logger-1', TEMPERATURE, START + minute * MINUTE, measured);
    engine.apply(builder.view());
    for (const { event, finding } of engine.flush(0)) {
      const from = (finding.from - START) / MINUTE;
      if (event === 'opened') warned.push(from);
      if (event === 'retracted') retracted.push(from);
    }
  }
  return { warned, retracted, beyond };
}

/** Mulberry32: the same cases in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN;
}

const say = (text: string) => process.stdout.write(`${text}\n`);
for (const setting of SETTINGS) {
  const { every, window, within, confidence } = setting;
  say(
    `above ${LIMIT} °C, window ${window}m, within ${within}m, confidence ${confidence}; a reading every ${every} min`,
  );
  for (const kind of FAILURES) say(`  ${kind.name.padEnd(18)} ${leadsOf(setting, kind)}`);
  say(`  ${'healthy stores'.padEnd(18)} ${falseAlarmsOf(setting)}`);
}

function leadsOf(setting: Setting, kind: Failure): string {
  const leads: number[] = [];
  let reached = 0;
  for (let seed = 1; seed <= CASES; seed++) {
    const random = randomFrom(seed);
    const at = 6 * 60 + Math.floor(random() * 12 * 60);
    const { warned, retracted, beyond } = watch(setting, store(random, at + 12 * 60, { at, kind }), random);
    const reachedAt = beyond.find((minute) => minute >= at);
    if (reachedAt === undefined) continue;
    reached++;
    // The last warning before the limit that was not taken back.
    const stood = warned.filter((minute) => minute >= at && minute < reachedAt && !retracted.includes(minute)).at(-1);
    leads.push(stood === undefined ? 0 : reachedAt - stood);
  }
  const early = Math.round((leads.filter((lead) => lead > 0).length / reached) * 100);
  return `median lead ${quantile(leads, 0.5)} min, a tenth ${quantile(leads, 0.1)} or less; warned in ${early} % of ${reached}`;
}

function falseAlarmsOf(setting: Setting): string {
  let alarms = 0;
  let kept = 0;
  for (let seed = 1; seed <= DEVICES; seed++) {
    const random = randomFrom(10_000 + seed);
    const { warned, retracted, beyond } = watch(setting, store(random, 30 * DAY), random);
    const wrong = warned.filter((from) => !beyond.some((at) => at >= from && at <= from + TOLD_IN_TIME));
    alarms += wrong.length;
    kept += wrong.filter((from) => !retracted.includes(from)).length;
  }
  const perMonth = (count: number) => (count / DEVICES).toFixed(1);
  return `${perMonth(alarms)} false warnings per device-month, ${perMonth(kept)} of them not taken back`;
}
