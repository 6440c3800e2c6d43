/**
 * docs/rules.md, "Rules on goods", in slow motion: what the findings of one shipment are, worked out minute by minute from everything
 * that was said and measured, with no interval, no group and no state, and nothing shared with the engine or the tracer. Minutes since the
 * shipment was packed.
 */
export type NaiveFact =
  | {
      readonly what: 'notice';
      /** Minutes out of range that each serial brings along. */
      readonly used: number;
      readonly units: readonly {
        readonly sscc: string;
        readonly vials: readonly string[];
        readonly devices: readonly string[];
      }[];
    }
  | {
      readonly what: 'packed' | 'unpacked';
      readonly sscc: string;
      readonly vials: readonly string[];
      readonly from: number;
    }
  /** `on`: a unit, a serial or a place. */
  | { readonly what: 'attached'; readonly device: string; readonly on: string | null; readonly from: number }
  /** A pass through a door brings what it read to a place. */
  | { readonly what: 'passed'; readonly subject: string; readonly place: string; readonly from: number }
  | { readonly what: 'product'; readonly product: string; readonly budget: number | null; readonly mass: number | null }
  | { readonly what: 'rule'; readonly rule: NaiveRule; readonly from: number | null; readonly isRemoved: boolean };

/** Time constants in minutes; `own`: each product's, else `otherwise`. */
export type NaiveMass = number | { readonly own: true; readonly otherwise: number | null } | null;
interface Counting {
  readonly isUnknownCounted: boolean;
  readonly unless: { readonly metric: 'door'; readonly above: number; readonly atMost: number } | null;
  readonly mass: NaiveMass;
}
export type NaiveRule = { readonly id: string } & (
  | (Counting & { readonly kind: 'cumulative'; readonly limit: number; readonly lasting: number })
  | (Counting & { readonly kind: 'budget'; readonly share: number })
  | (Counting & { readonly kind: 'budgetForecast'; readonly window: number })
  | { readonly kind: 'goodsMkt'; readonly window: number; readonly limit: number }
  | { readonly kind: 'goodsFreezeThaw'; readonly count: number; readonly frozen: number; readonly thawed: number }
);
type CountingRule = Extract<NaiveRule, Counting>;

export interface NaiveSample {
  readonly device: string;
  readonly metric: 'temperature' | 'door';
  readonly minute: number;
  readonly value: number;
}

export interface NaiveFound {
  readonly rule: string;
  readonly version: number;
  readonly from: number | null;
  readonly to: number | null;
  /** Of groups that end at one moment for several reasons any. */
  readonly endedBy: readonly (string | null)[];
  /** Of the serial furthest beyond its limit. */
  readonly extreme: number | null;
  /** EPC, since when, until when, minutes that count; by EPC and begin. */
  readonly serials: readonly (readonly [string, number, number | null, number | null])[];
}

interface Word {
  readonly from: number;
  readonly value: string | null;
}

/** Minutes, with fractions where goods cross a limit between readings. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** What one serial is found with. */
interface Found {
  readonly from: number;
  readonly to: number | null;
  readonly endedBy: string | null;
  readonly minutes: number | null;
  readonly extreme: number;
  readonly limit: number;
}

/** What is known of one minute around a serial. */
interface Minute {
  /** What holds over the minute. */
  readonly held: readonly number[];
  /** And what was read at its beginning, whether it holds or not. */
  readonly read: readonly number[];
  readonly doors: readonly number[];
  /** By device, as far as it holds; and where they tell it from. */
  readonly byDevice: ReadonlyMap<string, number>;
  readonly leg: string;
}

export const ARRIVES = 24 * 60;
const QUARTER = 15;
/** 07:30 UTC: whole hours are at half past of these minutes. */
const FIRST_HOUR = 30;

export function naiveGoods(facts: readonly NaiveFact[], samples: readonly NaiveSample[], end: number): NaiveFound[] {
  const notices = facts.filter((fact) => fact.what === 'notice');
  const notice = notices.at(-1);
  if (notice === undefined) return [];
  const world = new NaiveWorld(
    facts.filter((fact) => fact.what !== 'notice' || fact === notice),
    samples,
    end,
  );
  const listed = notice.units.flatMap(({ vials }) => vials);
  const courses = new Map(listed.map((epc) => [epc, world.course(epc)]));
  const found = versionsOf(facts).flatMap(({ rule, version, from, to }) => {
    const begin = Math.max(0, from);
    const last = Math.min(end, to);
    if (begin >= last) return [];
    const cut = to <= end;
    const serials = listed.flatMap((epc) => {
      const product = epc.slice(0, epc.lastIndexOf('.'));
      const own = facts.findLast((fact) => fact.what === 'product' && fact.product === product);
      const { budget = null, mass = null } = own?.what === 'product' ? own : {};
      const course = courses.get(epc) ?? [];
      const known = { begin, last, cut, used: notice.used, budget, mass, silent: world.silentAfter(epc), end };
      return foundIn(rule, course, known).map((one) => ({ epc, ...one }));
    });
    return together(serials).map((members): NaiveFound => {
      const ends = members.map((one) => one.to ?? Number.POSITIVE_INFINITY);
      const lasts = Math.max(...ends);
      const worst = members.reduce((a, b) => (b.extreme - b.limit > a.extreme - a.limit ? b : a));
      return {
        ...{ rule: rule.id, version, from: Math.min(...members.map((one) => one.from)) },
        to: lasts === Number.POSITIVE_INFINITY ? null : lasts,
        endedBy: members.filter((_, i) => ends[i] === lasts).map(({ endedBy }) => endedBy),
        extreme: worst.extreme,
        serials: members
          .map((one) => [one.epc, one.from, one.to, one.minutes] as const)
          .sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1])),
      };
    });
  });
  return found.sort((a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : (a.from ?? 0) - (b.from ?? 0)));
}

/** "Groups whose stretches overlap or touch are one finding." */
function together<T extends Found>(found: readonly T[]): T[][] {
  const out: T[][] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const one of found.toSorted((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last !== undefined && one.from <= until) last.push(one);
    else out.push([one]);
    const to = one.to ?? Number.POSITIVE_INFINITY;
    until = last !== undefined && one.from <= until ? Math.max(until, to) : to;
  }
  return out;
}

interface Judged {
  readonly begin: number;
  readonly last: number;
  readonly cut: boolean;
  readonly used: number;
  readonly budget: number | null;
  readonly mass: number | null;
  /** Until when it is no gap that nothing more is heard. */
  readonly silent: number;
  readonly end: number;
}

function foundIn(rule: NaiveRule, course: readonly Minute[], judged: Judged): Found[] {
  switch (rule.kind) {
    case 'cumulative':
      return summed(rule, course, judged);
    case 'budget':
      return usedUp(rule, course, judged);
    case 'budgetForecast':
      return runsOut(rule, course, judged);
    case 'goodsMkt':
      return hoursAbove(rule, course, judged);
    case 'goodsFreezeThaw':
      return thawed(rule, course, judged);
  }
}

function forGood(
  from: number,
  minutes: number | null,
  beyond: { extreme: number; limit: number },
  judged: Judged,
): Found {
  const { cut, last } = judged;
  return { from, to: cut ? last : null, endedBy: cut ? 'rule' : null, minutes, ...beyond };
}

function summed(rule: Extract<NaiveRule, { kind: 'cumulative' }>, course: readonly Minute[], judged: Judged): Found[] {
  const { begin, last, cut } = judged;
  const spans = before(counted(rule, course, judged), last);
  const at = momentOf(spans, rule.lasting, false);
  if (at === null) return [];
  const from = Math.max(at, begin);
  if (from > last || (from === last && cut)) return [];
  const minutes = lengthOf(spans);
  return [forGood(from, minutes, { extreme: minutes, limit: rule.lasting }, judged)];
}

function usedUp(rule: Extract<NaiveRule, { kind: 'budget' }>, course: readonly Minute[], judged: Judged): Found[] {
  const { begin, last, used, budget } = judged;
  if (budget === null) return [];
  const allowed = (budget * rule.share) / 100;
  const spans = before(counted(rule, course, judged), last);
  const at = used > allowed ? 0 : momentOf(spans, allowed - used, true);
  if (at === null || Math.max(at, begin) >= last) return [];
  const minutes = lengthOf(spans) + used;
  return [forGood(Math.max(at, begin), minutes, { extreme: minutes, limit: budget }, judged)];
}

function runsOut(
  rule: Extract<NaiveRule, { kind: 'budgetForecast' }>,
  course: readonly Minute[],
  judged: Judged,
): Found[] {
  const { begin, used, budget } = judged;
  if (budget === null) return [];
  const spans = counted({ ...rule, isUnknownCounted: false }, course, judged);
  const first = Math.ceil(Math.max(rule.window, begin) / QUARTER) * QUARTER;
  return runs({ first, every: QUARTER, limit: budget }, course, judged, (at) => {
    const known = course.slice(at - rule.window, at).filter(({ held }) => held.length > 0).length;
    if (known === 0) return null;
    const u = used + lengthOf(before(spans, at));
    const p = (lengthOf(before(spans, at)) - lengthOf(before(spans, at - rule.window))) / known;
    const expected = u + p * (ARRIVES - at);
    return { value: expected, isBeyond: u <= budget && expected > budget };
  });
}

function hoursAbove(
  rule: Extract<NaiveRule, { kind: 'goodsMkt' }>,
  course: readonly Minute[],
  judged: Judged,
): Found[] {
  const first = Math.ceil((Math.max(rule.window, judged.begin) - FIRST_HOUR) / 60) * 60 + FIRST_HOUR;
  return runs({ first, every: 60, limit: rule.limit }, course, judged, (at) => {
    const mkt = mktOf(course.slice(at - rule.window, at));
    if (mkt === null) return null;
    const value = Math.round(mkt * 1e9) / 1e9;
    return { value, isBeyond: value > rule.limit };
  });
}

/** Of each leg the device with the highest. */
function mktOf(minutes: readonly Minute[]): number | null {
  const legs: Minute[][] = [];
  for (const [i, minute] of minutes.entries()) {
    const last = legs.at(-1);
    if (last !== undefined && minutes[i - 1]?.leg === minute.leg) last.push(minute);
    else legs.push([minute]);
  }
  const kelvin = (celsius: number) => celsius + 273.15;
  const ageing = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + Math.exp(-10_000 / kelvin(value)), 0) / values.length;
  let [sum, weight] = [0, 0];
  for (const leg of legs) {
    const devices = [...new Set(leg.flatMap(({ byDevice }) => [...byDevice.keys()]))];
    const told = devices.map((device) => leg.flatMap(({ byDevice }) => byDevice.get(device) ?? []));
    const highest = told.toSorted((a, b) => ageing(b) - ageing(a))[0];
    if (highest === undefined) continue;
    sum += ageing(highest) * highest.length;
    weight += highest.length;
  }
  return weight === 0 ? null : 10_000 / -Math.log(sum / weight) - 273.15;
}

function thawed(
  { count, frozen, thawed: limit }: Extract<NaiveRule, { kind: 'goodsFreezeThaw' }>,
  course: readonly Minute[],
  judged: Judged,
): Found[] {
  const { begin, last, cut } = judged;
  let isFrozen = false;
  const crossings: number[] = [];
  for (const [minute, { held, read }] of course.entries()) {
    if (minute >= last) break;
    // What was read and does not hold tells the moment, what holds all that follows.
    for (const values of [[...held, ...read], held]) {
      if (values.length === 0) continue;
      if (Math.min(...values) < frozen) isFrozen = true;
      else if (isFrozen && Math.min(...values) > limit) {
        isFrozen = false;
        crossings.push(minute);
      }
    }
  }
  const at = crossings[count - 1];
  if (at === undefined || (cut && Math.max(at, begin) >= last)) return [];
  return [forGood(Math.max(at, begin), null, { extreme: crossings.length, limit: count }, judged)];
}

type Look = (at: number) => { readonly value: number; readonly isBeyond: boolean } | null;

/** "In a gap no moment is known but the first, and that by what was measured since the moment before." */
function runs(
  { first, every, limit }: { readonly first: number; readonly every: number; readonly limit: number },
  course: readonly Minute[],
  { last, cut, silent }: Judged,
  look: Look,
): Found[] {
  const isSilent = last > silent;
  const isTold = (minute: number) => (course[minute]?.held.length ?? 0) + (course[minute]?.read.length ?? 0) > 0;
  const found: Found[] = [];
  let open: Found | null = null;
  const close = (to: number | null, endedBy: string | null) => {
    if (open !== null) found.push({ ...open, to, endedBy });
    open = null;
  };
  for (let at = first; cut ? at < last : at <= last; at += every) {
    const isKnown = (course[at - 1]?.held.length ?? 0) > 0;
    const isLater = course.some((_, minute) => minute >= at && isTold(minute));
    const isInGap = !isKnown && (isSilent || isLater);
    const isFirst =
      (course[at - every]?.held.length ?? 0) > 0 ||
      Array.from({ length: every - 1 }, (_, i) => at - every + 1 + i).some(isTold);
    if (!isKnown && !isInGap && !isFirst) break;
    const looked = isInGap && !isFirst ? null : look(at);
    if (looked === null || !looked.isBeyond) close(at, looked === null ? 'silence' : 'recovery');
    else {
      const extreme: number = Math.max(open?.extreme ?? Number.NEGATIVE_INFINITY, looked.value);
      open = { ...(open ?? { from: at, to: null, endedBy: null, minutes: null, limit }), extreme };
    }
    if (isInGap) close(at, 'silence');
  }
  close(cut ? last : null, cut ? 'rule' : null);
  return found;
}

/** What of each minute counts against the limit of the rule, else of 2-8 °C. */
function counted(rule: CountingRule, course: readonly Minute[], { mass }: Pick<Judged, 'mass'>): Span[] {
  const constant = rule.mass !== null && typeof rule.mass === 'object' ? (mass ?? rule.mass.otherwise) : rule.mass;
  const [least, most] = rule.kind === 'cumulative' ? [null, rule.limit] : [2, 8];
  let [coldest, warmest] = [null, null] as [number | null, number | null];
  let began: number | null = null;
  const spans: Span[] = [];
  for (const [minute, { held, doors }] of course.entries()) {
    const isOpen = doors.some((value) => value > (rule.unless?.above ?? 0));
    if (isOpen) began ??= minute;
    else if (doors.length > 0) began = null;
    const isExcused = rule.unless !== null && isOpen && minute - (began ?? 0) < rule.unless.atMost;
    if (held.length === 0) {
      [coldest, warmest] = [null, null];
      if (rule.isUnknownCounted) spans.push({ from: minute, to: minute + 1 });
      continue;
    }
    const [cold, warm] = [Math.min(...held), Math.max(...held)];
    const [fromCold, fromWarm]: [number, number] = [coldest ?? cold, warmest ?? warm];
    const after = (begin: number, air: number) =>
      constant === null ? air : air + (begin - air) * Math.exp(-1 / constant);
    [coldest, warmest] = [after(fromCold, cold), after(fromWarm, warm)];
    if (isExcused) continue;
    const over = beyond(fromWarm, warm, constant, (value) => value - most, minute);
    const under = least === null ? null : beyond(fromCold, cold, constant, (value) => least - value, minute);
    const both = [over, under].flatMap((span) => span ?? []).sort((a, b) => a.from - b.from);
    const [one, other] = both;
    if (one === undefined) continue;
    if (other === undefined) spans.push(one);
    else if (other.from <= one.to) spans.push({ from: one.from, to: Math.max(one.to, other.to) });
    else spans.push(one, other);
  }
  return spans;
}

/** The part of a minute in which goods that begin so warm, in air of one temperature, are beyond a limit. */
function beyond(
  begin: number,
  air: number,
  constant: number | null,
  by: (value: number) => number,
  minute: number,
): Span | null {
  if (constant === null) return by(air) > 0 ? { from: minute, to: minute + 1 } : null;
  const end = air + (begin - air) * Math.exp(-1 / constant);
  const [starts, ends] = [by(begin) > 0, by(end) > 0];
  if (starts && ends) return { from: minute, to: minute + 1 };
  if (!starts && !ends) return null;
  // Halved until it is found, not worked out.
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    const isBeyond = by(air + (begin - air) * Math.exp(-middle / constant)) > 0;
    if (isBeyond === starts) low = middle;
    else high = middle;
  }
  return starts ? { from: minute, to: minute + low } : { from: minute + low, to: minute + 1 };
}

function before(spans: readonly Span[], until: number): Span[] {
  return spans.flatMap(({ from, to }) => (from < until ? [{ from, to: Math.min(to, until) }] : []));
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((length, { from, to }) => length + to - from, 0);
}

function momentOf(spans: readonly Span[], minutes: number, isMore: boolean): number | null {
  let sum = 0;
  for (const { from, to } of spans) {
    if (isMore ? sum + to - from > minutes : sum + to - from >= minutes) return from + minutes - sum;
    sum += to - from;
  }
  return null;
}

/** A later version judges from its time on, whatever earlier ones said; a removal leaves nothing. */
function versionsOf(facts: readonly NaiveFact[]) {
  const versions: { rule: NaiveRule; version: number; from: number; isRemoved: boolean }[] = [];
  for (const fact of facts) {
    if (fact.what !== 'rule') continue;
    const version = versions.filter(({ rule }) => rule.id === fact.rule.id).length + 1;
    versions.push({ rule: fact.rule, version, from: fact.from ?? Number.NEGATIVE_INFINITY, isRemoved: fact.isRemoved });
  }
  return versions.flatMap(({ rule, version, from, isRemoved }) => {
    const later = versions.filter((other) => other.rule.id === rule.id && other.version > version);
    const to = Math.min(Number.POSITIVE_INFINITY, ...later.map((other) => other.from));
    return isRemoved || from >= to ? [] : [{ rule, version, from, to }];
  });
}

/** Where everything is at a minute, and what is measured around it. */
class NaiveWorld {
  readonly #words = new Map<string, Word[]>();
  readonly #on = new Map<string, Word[]>();
  readonly #passed = new Map<string, Word[]>();
  readonly #samples: readonly NaiveSample[];
  readonly #end: number;

  /** In log order: of what is said of one moment the later counts. */
  constructor(facts: readonly NaiveFact[], samples: readonly NaiveSample[], end: number) {
    this.#end = end;
    this.#samples = samples.toSorted((a, b) => a.minute - b.minute);
    for (const fact of facts) {
      if (fact.what === 'notice') {
        for (const { sscc, vials, devices } of fact.units) {
          for (const epc of vials) say(this.#words, epc, { from: 0, value: sscc });
          for (const device of devices) say(this.#on, device, { from: 0, value: sscc });
        }
      } else if (fact.what === 'packed') {
        for (const epc of fact.vials) say(this.#words, epc, { from: fact.from, value: fact.sscc });
      } else if (fact.what === 'unpacked') {
        for (const epc of fact.vials) say(this.#words, epc, { from: fact.from, value: null });
      } else if (fact.what === 'attached') say(this.#on, fact.device, { from: fact.from, value: fact.on });
      else if (fact.what === 'passed') say(this.#passed, fact.subject, { from: fact.from, value: fact.place });
    }
  }

  course(epc: string): Minute[] {
    return Array.from({ length: this.#end }, (_, minute) => {
      const { devices, from } = this.#around(epc, minute);
      const byDevice = new Map(
        devices.flatMap((device) => {
          const value = this.#held(device, 'temperature', minute);
          return value === null ? [] : [[device, value] as const];
        }),
      );
      const read = this.#samples.filter(
        (one) => one.metric === 'temperature' && one.minute === minute && devices.includes(one.device),
      );
      return {
        ...{ held: [...byDevice.values()], read: read.map(({ value }) => value), byDevice },
        doors: devices.flatMap((device) => this.#held(device, 'door', minute) ?? []),
        leg: JSON.stringify([from, devices.toSorted()]),
      };
    });
  }

  /** Of those around it last the one that may be silent longest. */
  silentAfter(epc: string): number {
    const { devices } = this.#around(epc, this.#end - 1);
    const last = devices.map((device) => {
      const own = this.#own(device, 'temperature').filter(({ minute }) => minute < this.#end);
      const heard = own.at(-1)?.minute;
      return heard === undefined ? Number.NEGATIVE_INFINITY : heard + gapAfter(own);
    });
    return Math.max(Number.NEGATIVE_INFINITY, ...last);
  }

  /** The devices on it, else those on what it is in, else those where that was brought. */
  #around(epc: string, minute: number): { readonly devices: string[]; readonly from: string | null } {
    const on = (subject: string) =>
      [...this.#on].flatMap(([device, words]) => (at(words, minute) === subject ? [device] : []));
    const unit = at(this.#words.get(epc) ?? [], minute);
    for (const subject of [epc, unit, this.#placeOf(epc, minute)]) {
      const devices = subject === null ? [] : on(subject);
      if (devices.length > 0) return { devices, from: subject };
    }
    return { devices: [], from: null };
  }

  /** Step by step: it is where it was brought, where what it was put into is, and goes where that goes. */
  #placeOf(epc: string, until: number): string | null {
    let place: string | null = null;
    for (let minute = 0; minute <= until; minute++) {
      const own = wordAt(this.#passed.get(epc), minute);
      if (own !== null) place = own;
      const words = this.#words.get(epc) ?? [];
      const unit = at(words, minute);
      if (unit === null) continue;
      const isEntering = unit !== (minute === 0 ? null : at(words, minute - 1));
      const theirs = isEntering ? at(this.#passed.get(unit) ?? [], minute) : wordAt(this.#passed.get(unit), minute);
      if (theirs !== null) place = theirs;
    }
    return place;
  }

  #own(device: string, metric: NaiveSample['metric']): readonly NaiveSample[] {
    return this.#samples.filter((one) => one.device === device && one.metric === metric);
  }

  /** Its last value, while the next reading is no gap away. */
  #held(device: string, metric: NaiveSample['metric'], minute: number): number | null {
    const own = this.#own(device, metric);
    const passed = own.filter((one) => one.minute <= minute);
    const [last, next] = [passed.at(-1), own[passed.length]];
    // What comes after now is not known yet.
    if (last === undefined || next === undefined || next.minute > this.#end) return null;
    return next.minute - last.minute > gapAfter(passed) ? null : last.value;
  }
}

/** 5 × the median of the up to 20 steps before, else an hour; 3 × the shorter of the last two where both are longer. */
function gapAfter(passed: readonly NaiveSample[]): number {
  const steps = passed.slice(1).map((one, i) => one.minute - (passed[i]?.minute ?? 0));
  const recent = steps.slice(-20).sort((a, b) => a - b);
  const middle = recent.slice(Math.ceil(recent.length / 2) - 1, Math.floor(recent.length / 2) + 1);
  const usual = recent.length < 4 ? 60 : (5 * middle.reduce((sum, step) => sum + step, 0)) / middle.length;
  const slower = steps.length < 2 ? 0 : Math.min(...steps.slice(-2));
  return slower > usual ? 3 * slower : usual;
}

/** What is said of just this minute. */
function wordAt(words: readonly Word[] = [], minute: number): string | null {
  return words.findLast(({ from }) => from === minute)?.value ?? null;
}

function say(words: Map<string, Word[]>, subject: string, word: Word): void {
  words.set(subject, [...(words.get(subject) ?? []), word]);
}

/** The last word by time, of one moment the later in the log; what is unpacked is in nothing. */
function at(words: readonly Word[], minute: number): string | null {
  let value: string | null = null;
  for (const word of words.filter(({ from }) => from <= minute).toSorted((a, b) => a.from - b.from)) {
    value = word.value;
  }
  return value;
}
