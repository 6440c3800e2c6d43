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
  | { readonly what: 'attached'; readonly device: string; readonly on: string | null; readonly from: number }
  | { readonly what: 'product'; readonly budget: number | null }
  | { readonly what: 'rule'; readonly rule: NaiveRule; readonly from: number | null; readonly isRemoved: boolean };

interface Counting {
  readonly id: string;
  readonly isUnknownCounted: boolean;
  readonly unless: { readonly metric: 'door'; readonly above: number; readonly atMost: number } | null;
}
export type NaiveRule =
  | (Counting & { readonly kind: 'cumulative'; readonly limit: number; readonly lasting: number })
  | (Counting & { readonly kind: 'budget'; readonly share: number });

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
  readonly endedBy: string | null;
  /** EPC, since when, until when, minutes that count. */
  readonly serials: readonly (readonly [string, number | null, number | null, number | null])[];
}

interface Word {
  readonly from: number;
  readonly value: string | null;
}

export function naiveGoods(facts: readonly NaiveFact[], samples: readonly NaiveSample[], end: number): NaiveFound[] {
  const notices = facts.filter((fact) => fact.what === 'notice');
  const notice = notices.at(-1);
  if (notice === undefined) return [];
  const world = new NaiveWorld(
    facts.filter((fact) => fact.what !== 'notice' || fact === notice),
    samples,
    end,
  );
  const budget = facts.findLast((fact) => fact.what === 'product')?.budget ?? null;
  const listed = notice.units.flatMap(({ vials }) => vials);
  const found = versionsOf(facts).flatMap(({ rule, version, from, to }) => {
    const begin = Math.max(0, from);
    const last = Math.min(end, to);
    if (begin >= last) return [];
    const cut = to <= end;
    const serials = listed.flatMap((epc): NaiveFound['serials'][number][] => {
      const one = foundIn(rule, world.course(epc, rule, last), { begin, last, cut, used: notice.used, budget });
      return one === null ? [] : [[epc, one.from, cut ? last : null, one.minutes]];
    });
    return together(serials).map(
      (members): NaiveFound => ({
        ...{ rule: rule.id, version, from: Math.min(...members.map((one) => one[1] ?? 0)), to: cut ? last : null },
        ...{ endedBy: cut ? 'rule' : null, serials: members.toSorted(([a], [b]) => (a < b ? -1 : 1)) },
      }),
    );
  });
  return found.sort((a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : (a.from ?? 0) - (b.from ?? 0)));
}

/** "Groups whose stretches overlap or touch are one finding": all last until the same moment. */
function together(serials: NaiveFound['serials']): NaiveFound['serials'][] {
  return serials.length === 0 ? [] : [serials];
}

interface Judged {
  readonly begin: number;
  readonly last: number;
  readonly cut: boolean;
  readonly used: number;
  readonly budget: number | null;
}

/** `counts`: whether each minute counts. */
function foundIn(
  rule: NaiveRule,
  counts: readonly boolean[],
  { begin, last, cut, used, budget }: Judged,
): { readonly from: number; readonly minutes: number } | null {
  const minutes = counts.filter((counted) => counted).length;
  if (rule.kind === 'cumulative') {
    let sum = 0;
    const reached = counts.findIndex((counted) => counted && ++sum === rule.lasting);
    if (reached < 0) return null;
    const from = Math.max(reached + 1, begin);
    return from > last || (from === last && cut) ? null : { from, minutes };
  }
  if (budget === null) return null;
  const allowed = (budget * rule.share) / 100;
  let sum = used;
  let at = used > allowed ? 0 : null;
  for (const [minute, counted] of counts.entries()) {
    if (!counted) continue;
    if (at === null && sum + 1 > allowed) at = minute + (allowed - sum);
    sum++;
  }
  if (at === null || Math.max(at, begin) >= last) return null;
  return { from: Math.max(at, begin), minutes: minutes + used };
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
  readonly #samples: readonly NaiveSample[];
  readonly #end: number;

  /** In log order: of what is said of one moment the later counts. */
  constructor(facts: readonly NaiveFact[], samples: readonly NaiveSample[], end: number) {
    this.#end = end;
    this.#samples = samples;
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
    }
  }

  /** Of each minute up to `last` whether it counts for a serial. */
  course(epc: string, rule: NaiveRule, last: number): boolean[] {
    const counts: boolean[] = [];
    let began: number | null = null;
    for (let minute = 0; minute < Math.min(last, this.#end); minute++) {
      const around = this.#around(epc, minute);
      const values = around.flatMap((device) => this.#held(device, 'temperature', minute) ?? []);
      const doors = around.flatMap((device) => this.#held(device, 'door', minute) ?? []);
      if (doors.some((value) => value > (rule.unless?.above ?? 0))) began ??= minute;
      else if (doors.length > 0) began = null;
      const isExcused =
        rule.unless !== null &&
        doors.some((value) => value > (rule.unless?.above ?? 0)) &&
        minute - (began ?? 0) < rule.unless.atMost;
      const isOut = values.some((value) => (rule.kind === 'cumulative' ? value > rule.limit : value > 8 || value < 2));
      counts.push((isOut && !isExcused) || (values.length === 0 && rule.isUnknownCounted));
    }
    return counts;
  }

  /** The devices on it, else those on what it is in. */
  #around(epc: string, minute: number): string[] {
    const on = (subject: string) =>
      [...this.#on].flatMap(([device, words]) => (at(words, minute) === subject ? [device] : []));
    const own = on(epc);
    if (own.length > 0) return own;
    const unit = at(this.#words.get(epc) ?? [], minute);
    return unit === null ? [] : on(unit);
  }

  /** Its last value, while the next reading is no gap away: 5 × the median of the up to 20 steps before, else an hour. */
  #held(device: string, metric: NaiveSample['metric'], minute: number): number | null {
    const own = this.#samples
      .filter((one) => one.device === device && one.metric === metric)
      .sort((a, b) => a.minute - b.minute);
    const passed = own.filter((one) => one.minute <= minute);
    const [last, next] = [passed.at(-1), own[passed.length]];
    // What comes after now is not known yet.
    if (last === undefined || next === undefined || next.minute > this.#end) return null;
    const steps = passed.slice(1).map((one, i) => one.minute - (passed[i]?.minute ?? 0));
    const recent = steps.slice(-20).sort((a, b) => a - b);
    const middle = recent.slice(Math.ceil(recent.length / 2) - 1, Math.floor(recent.length / 2) + 1);
    const usual = recent.length < 4 ? 60 : (5 * middle.reduce((sum, step) => sum + step, 0)) / middle.length;
    const slower = steps.length < 2 ? 0 : Math.min(...steps.slice(-2));
    return next.minute - last.minute > (slower > usual ? 3 * slower : usual) ? null : last.value;
  }
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
