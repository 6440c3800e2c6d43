import type {
  EndedBy,
  FindingRun,
  ForecastRule,
  FreezeThawRule,
  IntervalRule,
  Metric,
  MktRule,
  RateRule,
  ShockRule,
  SilenceRule,
  ThresholdRule,
} from '../../domain/index.ts';
import type { KeyRule } from '../engine/program.ts';
import { goodsAt, isExcusedAt } from './reference-goods.ts';
import { type ReferenceQuality, type ReferenceReading, referenceGood } from './reference-quality.ts';

/**
 * docs/rules.md in slow motion: what the findings of one rule on one key are, worked out from the whole sorted set of
 * readings, sentence by sentence, with no state kept and nothing shared with the engine. Tests hold the engine to it.
 */
export interface ReferenceFinding {
  readonly rule: string;
  readonly version: number;
  readonly from: number;
  readonly to: number | null;
  readonly endedBy: EndedBy;
  readonly extreme: number | null;
  readonly readings: number;
  readonly runs: readonly FindingRun[];
}

export interface ReferenceSlice {
  readonly from: number;
  readonly to: number;
  readonly rule: KeyRule;
  readonly version: number;
  /** Of the product that the device travels with, where the rule asks for that. */
  readonly timeConstantMs?: number;
}

export interface ReferenceCase {
  /** Accepted readings, ascending. */
  readonly readings: readonly ReferenceReading[];
  readonly slices: readonly ReferenceSlice[];
  readonly intervalMs: number | null;
  readonly reportsEveryMs: number;
  readonly reportsOnChange?: boolean;
  readonly heartbeatMs?: number;
  readonly now: number;
  /** Absent = all readings are good. */
  readonly quality?: ReferenceQuality;
  /** All accepted readings, where `readings` are the good ones among them. */
  readonly all?: readonly ReferenceReading[];
  /** Good readings of another metric of the device, ascending. */
  readonly beside?: (metric: Metric) => readonly ReferenceReading[];
}

export function referenceFindings(given: ReferenceCase): ReferenceFinding[] {
  const { quality, readings } = given;
  const judged =
    quality === undefined ? given : { ...given, readings: referenceGood(readings, quality), all: readings };
  return given.slices
    .flatMap((slice) => {
      if (slice.rule.kind !== 'silence') return findingsIn(judged, slice);
      return slice.rule.onlyGood === true
        ? onlyGoodFindings(given, judged.readings, slice, slice.rule)
        : findingsIn(given, slice);
    })
    .sort((a, b) => a.from - b.from);
}

function findingsIn(given: ReferenceCase, slice: ReferenceSlice): ReferenceFinding[] {
  const { rule } = slice;
  if (rule.kind === 'threshold') return thresholdFindings(given, slice, rule);
  if (rule.kind === 'mkt') return mktFindings(given, slice, rule);
  if (rule.kind === 'rate') return rateFindings(given, slice, rule);
  if (rule.kind === 'shock') return shockFindings(given, slice, rule);
  if (rule.kind === 'interval') return intervalFindings(given, slice, rule);
  if (rule.kind === 'freezeThaw') return freezeThawFindings(given, slice, rule);
  if (rule.kind === 'forecast') return forecastFindings(given, slice, rule);
  return silenceFindings(given, slice, rule);
}

/** "maxGap: the rule's; else 3 × the heartbeat; else none where it reports on change; else 3 × the interval; else learnt." */
function maxGap(given: ReferenceCase, ruleMaxGap: number | undefined, stepInto: number): number {
  if (ruleMaxGap !== undefined) return ruleMaxGap;
  const { intervalMs, heartbeatMs, reportsOnChange = false } = given;
  if (heartbeatMs !== undefined) return 3 * heartbeatMs;
  if (reportsOnChange) return Number.POSITIVE_INFINITY;
  if (intervalMs !== null) return 3 * intervalMs;
  const { usual, now } = learnt(given, stepInto);
  return now > usual ? 3 * now : usual;
}

/** What the steps immediately before show, suspect readings included: up to the reading where the step begins. */
function learnt({ readings, all = readings }: ReferenceCase, stepInto: number) {
  const begin = at(readings, stepInto - 1).time;
  const steps: number[] = [];
  for (let i = all.findIndex(({ time }) => time === begin); i >= 1 && steps.length < 20; i--)
    steps.push(at(all, i).time - at(all, i - 1).time);
  // "where both of the last two are longer than that, the device has become slower"
  const now = steps.length < 2 ? 0 : Math.min(at(steps, 0), at(steps, 1));
  if (steps.length < 4) return { usual: 60 * 60 * 1000, now, median: null };
  steps.sort((a, b) => a - b);
  const half = steps.length / 2;
  const median =
    steps.length % 2 === 1
      ? (steps[Math.floor(half)] as number)
      : ((steps[half - 1] as number) + (steps[half] as number)) / 2;
  return { usual: 5 * median, now, median };
}

/** "three of the device's intervals where `after` is not longer than one of them" */
function silentAfter(given: ReferenceCase, rule: SilenceRule, stepInto: number): number {
  const { intervalMs, heartbeatMs, reportsOnChange = false } = given;
  const { usual, now, median } = learnt(given, stepInto);
  const learntPace = now > usual ? now : median;
  const pace = heartbeatMs ?? (reportsOnChange ? learntPace : (intervalMs ?? learntPace));
  return pace !== null && pace >= rule.afterMs ? Math.floor(3 * pace) : rule.afterMs;
}

interface Run {
  readonly from: number;
  to: number;
  endedBy: EndedBy;
  /** Until when its last value is known to have held, of a device that reports on change. */
  heldTo?: number;
  readonly outside: { readonly value: number; readonly distance: number }[];
  /** Index of the reading that opens it. */
  readonly first: number;
}

function thresholdFindings(given: ReferenceCase, slice: ReferenceSlice, rule: ThresholdRule): ReferenceFinding[] {
  const { readings, now } = given;
  const isGapInto = (i: number) => at(readings, i).time - at(readings, i - 1).time > maxGap(given, rule.maxGapMs, i);
  const runs: Run[] = [];
  let run: Run | null = null;
  let side: 'inside' | 'above' | 'below' = 'inside';
  for (const [i, { time }] of readings.entries()) {
    if (time < slice.from) continue;
    const value = goodsAt(given, i, slice.timeConstantMs ?? rule.thermalMassMs, isGapInto);
    if (run !== null && rule.gap === 'unknown' && isGapInto(i)) {
      run.to = at(readings, i - 1).time;
      if (given.reportsOnChange) run.heldTo = Math.min(run.to + maxGap(given, rule.maxGapMs, i), slice.to);
      run.endedBy = 'silence';
      run = null;
      side = 'inside';
    }
    if (time >= slice.to) {
      if (run !== null) {
        run.to = slice.to;
        run.endedBy = 'rule';
      }
      run = null;
      break;
    }
    // "strict: 8.0 is not above 8"; "atOrAbove: 30 counts 30.0 itself"
    if (value > (rule.above ?? Number.POSITIVE_INFINITY) || value >= (rule.atOrAbove ?? Number.POSITIVE_INFINITY)) {
      side = 'above';
    } else if (
      value < (rule.below ?? Number.NEGATIVE_INFINITY) ||
      value <= (rule.atOrBelow ?? Number.NEGATIVE_INFINITY)
    ) {
      side = 'below';
    } else if (side === 'above' && value <= (rule.clearAbove ?? rule.above ?? rule.atOrAbove ?? 0)) side = 'inside';
    else if (side === 'below' && value >= (rule.clearBelow ?? rule.below ?? rule.atOrBelow ?? 0)) side = 'inside';
    if (isExcusedAt(given, rule, time)) side = 'inside';
    if (side === 'inside') {
      if (run !== null) {
        run.to = time;
        run.endedBy = 'recovery';
        run = null;
      }
      continue;
    }
    if (run === null) {
      run = { from: time, to: time, endedBy: null, outside: [], first: i };
      runs.push(run);
    }
    run.to = time;
    run.outside.push({
      value,
      distance:
        side === 'above'
          ? value - ((rule.above ?? rule.atOrAbove) as number)
          : ((rule.below ?? rule.atOrBelow) as number) - value,
    });
  }
  if (run !== null) {
    const isSilent = rule.gap === 'unknown' && now - run.to > maxGap(given, rule.maxGapMs, readings.length);
    run.endedBy = isSilent ? 'silence' : now >= slice.to ? 'rule' : null;
    if (given.reportsOnChange && readings.at(-1)?.time === run.to) {
      run.heldTo = Math.min(now, run.to + maxGap(given, rule.maxGapMs, readings.length), slice.to);
    }
  }

  const findings: Run[][] = [];
  for (const each of runs) {
    const last = findings.at(-1)?.at(-1);
    if (last !== undefined && joins(given, rule, last, each, isGapInto)) findings.at(-1)?.push(each);
    else if (Math.max(each.to, each.heldTo ?? each.to) - each.from >= rule.forMs) findings.push([each]);
  }
  return findings.map((members) => {
    const outside = members.flatMap((member) => member.outside);
    const greatest = Math.max(...outside.map(({ distance }) => distance));
    return {
      rule: rule.id,
      version: slice.version,
      from: at(members, 0).from,
      to: at(members, members.length - 1).to,
      endedBy: at(members, members.length - 1).endedBy,
      extreme: outside.find(({ distance }) => distance === greatest)?.value ?? null,
      readings: outside.length,
      runs: members.map(({ from, to }) => ({ from, to })),
    };
  });
}

/** "starts less than keepFiringFor after finding.to, with no gap from finding.to to the later run's from" */
function joins(
  { readings }: ReferenceCase,
  rule: ThresholdRule,
  last: Run,
  later: Run,
  isGapInto: (i: number) => boolean,
): boolean {
  if (later.from - last.to >= rule.keepFiringForMs) return false;
  for (let i = later.first; i >= 1 && at(readings, i).time > last.to; i--) {
    if (isGapInto(i)) return false;
  }
  return true;
}

function silenceFindings(given: ReferenceCase, slice: ReferenceSlice, rule: SilenceRule): ReferenceFinding[] {
  const { readings, now, reportsEveryMs } = given;
  const findings: ReferenceFinding[] = [];
  const found = (from: number, to: number | null, endedBy: EndedBy) =>
    findings.push({ rule: rule.id, version: slice.version, from, to, endedBy, extreme: null, readings: 0, runs: [] });
  for (const [i, { time }] of readings.entries()) {
    const next = readings[i + 1];
    const silentFrom = time + silentAfter(given, rule, i + 1);
    const from = Math.max(silentFrom, slice.from);
    if (from >= slice.to) continue;
    if (next !== undefined) {
      const to = Math.min(next.time, slice.to);
      if (from < to) found(from, to, next.time <= slice.to ? 'recovery' : 'rule');
    } else if (now > silentFrom + reportsEveryMs && now > from) {
      if (now >= slice.to) found(from, slice.to, 'rule');
      else found(from, null, null);
    }
  }
  return findings;
}

/** "readings come, and none of them is good": stretches between good readings with a suspect one later than `after`. */
function onlyGoodFindings(
  given: ReferenceCase,
  good: readonly ReferenceReading[],
  slice: ReferenceSlice,
  rule: SilenceRule,
): ReferenceFinding[] {
  const { readings, now } = given;
  const goodTimes = new Set(good.map(({ time }) => time));
  const findings: ReferenceFinding[] = [];
  const starts = readings.flatMap(({ time }, i) => (i === 0 || goodTimes.has(time) ? [i] : []));
  for (const start of starts) {
    const anchor = at(readings, start).time;
    const rest = readings.slice(start + 1);
    const next = rest.find(({ time }) => goodTimes.has(time));
    const from = Math.max(anchor + silentAfter(given, rule, start + 1), slice.from);
    const isSeen = ({ time }: ReferenceReading) =>
      time > from && time < slice.to && (next === undefined || time < next.time);
    if (from >= slice.to || !rest.some(isSeen)) continue;
    const found = (to: number | null, endedBy: EndedBy) =>
      findings.push({ rule: rule.id, version: slice.version, from, to, endedBy, extreme: null, readings: 0, runs: [] });
    if (next !== undefined) found(Math.min(next.time, slice.to), next.time <= slice.to ? 'recovery' : 'rule');
    else if (now >= slice.to || rest.some(({ time }) => time >= slice.to)) found(slice.to, 'rule');
    else found(null, null);
  }
  return findings;
}

function mktFindings(given: ReferenceCase, slice: ReferenceSlice, rule: MktRule): ReferenceFinding[] {
  const { readings, all = readings, now } = given;
  // "the key's first reading, suspect or not"
  const [first] = all;
  if (first === undefined || readings.length === 0) return [];
  const hour = 60 * 60 * 1000;
  const findings: { from: number; to: number | null; endedBy: EndedBy; values: number[] }[] = [];
  let isOpen = false;
  const begin = Math.ceil(Math.max(first.time + rule.windowMs, slice.from) / hour) * hour;
  for (let h = begin; h <= now && h < slice.to; h += hour) {
    // "the step that h lies in: from the last reading before h to the first at or after it, else to now"
    const into = readings.findIndex(({ time }) => time >= h);
    // Before the first good reading there is no step, and nothing with weight.
    const before = readings.findLast(({ time }) => time < h)?.time ?? null;
    const step = before === null ? 0 : (into < 0 ? now : at(readings, into).time) - before;
    const inGap = step > 0 && step > maxGap(given, rule.maxGapMs, into < 0 ? readings.length : into);
    const isFirst = before !== null && before > h - hour;
    // "later ones wait for the next reading"
    if (into < 0 && !inGap && !isFirst) break;
    const mkt = inGap && !isFirst ? null : mktOver(given, rule, h - rule.windowMs, h);
    const open = isOpen ? findings.at(-1) : undefined;
    if (mkt !== null && mkt > rule.above) {
      if (open === undefined) findings.push({ from: h, to: null, endedBy: null, values: [mkt] });
      else open.values.push(mkt);
      isOpen = true;
    } else {
      if (open !== undefined) {
        open.to = h;
        open.endedBy = mkt === null ? 'silence' : 'recovery';
      }
      isOpen = false;
    }
    const lasting = isOpen && inGap ? findings.at(-1) : undefined;
    if (lasting !== undefined) {
      lasting.to = h;
      lasting.endedBy = 'silence';
      isOpen = false;
    }
  }
  const open = isOpen ? findings.at(-1) : undefined;
  if (open !== undefined && now >= slice.to) {
    open.to = slice.to;
    open.endedBy = 'rule';
  }
  return findings.map(({ from, to, endedBy, values }) => ({
    ...{ rule: rule.id, version: slice.version, from, to, endedBy, runs: [] },
    extreme: Math.max(...values),
    readings: values.length,
  }));
}

/** "MKT = 10,000 / -ln( Σ w·exp(-10,000/T) / Σ w ) kelvin", gaps weigh nothing; to 1e-9 °C. */
function mktOver(given: ReferenceCase, rule: MktRule, from: number, to: number): number | null {
  const { readings } = given;
  let above = 0;
  let below = 0;
  for (let i = 1; i < readings.length; i++) {
    const { time, value } = at(readings, i - 1);
    const next = at(readings, i).time;
    const weight = Math.min(next, to) - Math.max(time, from);
    if (weight <= 0 || next - time > maxGap(given, rule.maxGapMs, i)) continue;
    above += weight * Math.exp(-10_000 / (value + 273.15));
    below += weight;
  }
  if (below === 0) return null;
  return Math.round((10_000 / -Math.log(above / below) - 273.15) * 1e9) / 1e9;
}

/** Readings of the slice, with what a finding of it has in common with all others. */
function inSlice({ readings }: ReferenceCase, slice: ReferenceSlice) {
  const from = readings.findIndex(({ time }) => time >= slice.from);
  const own = from < 0 ? [] : readings.slice(from).filter(({ time }) => time < slice.to);
  return { own, from: Math.max(from, 0), common: { rule: slice.rule.id, version: slice.version, runs: [] } };
}

/** A finding that no reading has ended: open, or ended by the end of its slice once a reading or now has come past it. */
function openEnd({ readings, now }: ReferenceCase, slice: ReferenceSlice): EndedBy {
  return now >= slice.to || (readings.at(-1)?.time ?? 0) >= slice.to ? 'rule' : null;
}

/** The same for kinds that judge the step from the last reading to now. */
function openEndOf(given: ReferenceCase, slice: ReferenceSlice, ruleMaxGap: number | undefined): EndedBy {
  const { readings, now } = given;
  const last = readings.at(-1)?.time ?? 0;
  if (last < slice.to && now - last > maxGap(given, ruleMaxGap, readings.length)) return 'silence';
  return openEnd(given, slice);
}

/** "a maximal run of readings that have moved by more than limit over window, with no gap in the window" */
function rateFindings(given: ReferenceCase, slice: ReferenceSlice, rule: RateRule): ReferenceFinding[] {
  const { own, from: offset, common } = inSlice(given, slice);
  const changeAt = (i: number): number | null => {
    const { time, value } = at(own, i);
    for (let base = i; base >= 0; base--) {
      if (at(own, base).time <= time - rule.windowMs) return value - at(own, base).value;
      if (base > 0 && isGap(base)) return null;
    }
    return null;
  };
  const isGap = (i: number) => at(own, i).time - at(own, i - 1).time > maxGap(given, rule.maxGapMs, offset + i);
  const findings: { from: number; to: number; endedBy: EndedBy; changes: number[] }[] = [];
  let open: (typeof findings)[number] | null = null;
  for (const [i, { time }] of own.entries()) {
    const change = changeAt(i);
    const isBeyond = change !== null && (rule.limit > 0 ? change > rule.limit : change < rule.limit);
    if (isBeyond && open === null) {
      open = { from: time, to: time, endedBy: openEndOf(given, slice, rule.maxGapMs), changes: [] };
      findings.push(open);
    }
    if (isBeyond && open !== null) {
      open.to = time;
      open.changes.push(change);
    }
    if (!isBeyond && open !== null) {
      const afterGap = i > 0 && isGap(i);
      open.to = afterGap ? at(own, i - 1).time : time;
      open.endedBy = afterGap ? 'silence' : 'recovery';
      open = null;
    }
  }
  return findings.map(({ from, to, endedBy, changes }) => {
    const greatest = Math.max(...changes.map(Math.abs));
    const extreme = changes.find((change) => Math.abs(change) === greatest) ?? null;
    return { ...common, from, to, endedBy, extreme, readings: changes.length };
  });
}

/** "a reading >= limit; those closer than keepFiringFor join" */
function shockFindings(given: ReferenceCase, slice: ReferenceSlice, rule: ShockRule): ReferenceFinding[] {
  const { own, common } = inSlice(given, slice);
  const groups: ReferenceReading[][] = [];
  for (const reading of own.filter(({ value }) => value >= rule.limit)) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && reading.time - last.time < rule.keepFiringForMs) groups.at(-1)?.push(reading);
    else groups.push([reading]);
  }
  return groups.map((group) => ({
    ...common,
    from: at(group, 0).time,
    to: at(group, group.length - 1).time,
    endedBy: 'recovery',
    extreme: Math.max(...group.map(({ value }) => value)),
    readings: group.length,
  }));
}

/** "neighbouring steps longer than EN 12830 allows for the journey" */
function intervalFindings(given: ReferenceCase, slice: ReferenceSlice, rule: IntervalRule): ReferenceFinding[] {
  const { own, common } = inSlice(given, slice);
  const allowed = rule.journeyMs < 24 * 3_600_000 ? 5 : rule.journeyMs <= 7 * 24 * 3_600_000 ? 15 : 60;
  const findings: ReferenceFinding[] = [];
  let isOpen = false;
  for (let i = 1; i < own.length; i++) {
    const [from, to] = [at(own, i - 1).time, at(own, i).time];
    const length = (to - from) / 60_000;
    const last = findings.at(-1);
    if (length > allowed && isOpen && last !== undefined) {
      const extreme = Math.max(last.extreme ?? 0, length);
      findings[findings.length - 1] = { ...last, to, extreme, readings: last.readings + 1 };
    } else if (length > allowed) {
      findings.push({ ...common, from, to, endedBy: openEnd(given, slice), extreme: length, readings: 1 });
    } else if (isOpen && last !== undefined) findings[findings.length - 1] = { ...last, endedBy: 'recovery' };
    isOpen = length > allowed;
  }
  // The step from the last reading to now, while the version is in force and nothing has come since.
  const end = own.at(-1);
  const isRunning =
    end !== undefined &&
    end === given.readings.at(-1) &&
    given.now < slice.to &&
    given.now - end.time > allowed * 60_000;
  const last = findings.at(-1);
  if (isRunning && isOpen && last !== undefined) {
    findings[findings.length - 1] = { ...last, to: null, readings: last.readings + 1 };
  } else if (isRunning)
    findings.push({ ...common, from: end.time, to: null, endedBy: null, extreme: null, readings: 1 });
  return findings;
}

/** "crossings from frozen to thawed reach count within window" */
function freezeThawFindings(given: ReferenceCase, slice: ReferenceSlice, rule: FreezeThawRule): ReferenceFinding[] {
  const { own, common } = inSlice(given, slice);
  const decided = own.filter(({ value }) => value < rule.frozenBelow || value > rule.thawedAbove);
  const crossings = decided
    .filter(({ value }, i) => value > rule.thawedAbove && i > 0 && at(decided, i - 1).value < rule.frozenBelow)
    .map(({ time }) => time);
  const findings: ReferenceFinding[] = [];
  for (const time of crossings) {
    const inWindow = crossings.filter((other) => other <= time && other > time - rule.windowMs).length;
    const last = findings.at(-1);
    if (last !== undefined && (last.to ?? 0) > time - rule.windowMs) {
      findings[findings.length - 1] = { ...last, to: time, readings: last.readings + 1 };
    } else if (inWindow >= rule.count) {
      findings.push({ ...common, from: time, to: time, endedBy: 'recovery', extreme: null, readings: rule.count });
    }
  }
  return findings;
}

/**
 * "the trend reaches the limit": normal equations over whole sums instead of the engine's centred ones, in minutes from
 * the reading.
 */
function trendAt(
  given: ReferenceCase,
  own: readonly ReferenceReading[],
  offset: number,
  rule: ForecastRule,
  i: number,
) {
  const { time } = at(own, i);
  const used: { x: number; y: number }[] = [];
  for (let k = i; k >= 0 && used.length < 64 && at(own, k).time >= time - rule.windowMs; k--) {
    // Mirrored, so that every limit is one above.
    const y = rule.above === undefined ? (rule.below ?? 0) - at(own, k).value : at(own, k).value - rule.above;
    used.push({ x: (at(own, k).time - time) / 60_000, y });
    if (k > 0 && at(own, k).time - at(own, k - 1).time > maxGap(given, rule.maxGapMs, offset + k)) break;
  }
  if (used.length < 6 || -(used.at(-1)?.x ?? 0) < rule.windowMs / 120_000) return null;
  const n = used.length;
  const sum = (of: (point: { x: number; y: number }) => number) => used.reduce((total, each) => total + of(each), 0);
  const [x, y, xx, xy] = [sum((p) => p.x), sum((p) => p.y), sum((p) => p.x ** 2), sum((p) => p.x * p.y)];
  const slope = (n * xy - x * y) / (n * xx - x * x);
  const level = (y - slope * x) / n;
  const variance = sum((p) => (p.y - level - slope * p.x) ** 2) / (n - 2);
  const z = { 0.9: 1.281552, 0.95: 1.644854, 0.99: 2.326348, 0.999: 3.090232 }[rule.confidence];
  const f = n - 2;
  const t = z + (z ** 3 + z) / (4 * f) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * f * f);
  const within = rule.withinMs / 60_000;
  const error = Math.sqrt(variance * (1 / n + (within - x / n) ** 2 / (xx - (x * x) / n)));
  const isPositive = (value: number) => Math.round(value * 1e9) > 0;
  return {
    isSure: isPositive(slope) && isPositive(level + within * slope - t * error),
    isOnItsWay: isPositive(slope) && isPositive(level + 2 * within * slope),
    minutes: Math.round((Math.round(Math.max(0, -level / slope) * 1e9) / 1e9) * 1_000) / 1_000,
  };
}

/** "A finding begins with the first sure reading"; "taken back where the trend turns before the limit is reached" */
function forecastFindings(given: ReferenceCase, slice: ReferenceSlice, rule: ForecastRule): ReferenceFinding[] {
  const { own, from: offset, common } = inSlice(given, slice);
  const findings: ReferenceFinding[] = [];
  for (let first = 0; first < own.length; first++) {
    const { time, value } = at(own, first);
    const isBeyond = (given: number) => given > (rule.above ?? given) || given < (rule.below ?? given);
    const trend = trendAt(given, own, offset, rule, first);
    if (isBeyond(value) || !trend?.isSure) continue;
    let [readings, to, extreme, hasReached] = [1, time, trend.minutes, false];
    let end: EndedBy | 'turned' = openEndOf(given, slice, rule.maxGapMs);
    let i = first + 1;
    for (; i < own.length; i++) {
      const reading = at(own, i);
      if (reading.time - to > maxGap(given, rule.maxGapMs, offset + i)) {
        end = 'silence';
        break;
      }
      const next = trendAt(given, own, offset, rule, i);
      if (isBeyond(reading.value)) hasReached = true;
      else if (hasReached) {
        to = reading.time;
        end = 'recovery';
        break;
      } else if (!next?.isOnItsWay) {
        end = 'turned';
        break;
      } else extreme = Math.min(extreme, next.minutes);
      to = reading.time;
      readings++;
    }
    if (end !== 'turned') findings.push({ ...common, from: time, to, endedBy: end, extreme, readings });
    // The reading that ended it opens no other.
    first = i;
  }
  return findings;
}

function at<T>(list: readonly T[], i: number): T {
  const entry = list[i];
  if (entry === undefined) throw new RangeError(`nothing at ${i} of ${list.length}`);
  return entry;
}
