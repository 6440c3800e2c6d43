import {
  type Facts,
  type FactType,
  type Finding,
  findingId,
  type History,
  type KeyReadings,
  ReadingBuilder,
  type Rule,
  type TimeSource,
} from '../domain/index.ts';
import { isSame } from './backtest/comparison.ts';
import { Engine } from './engine/engine.ts';
import { BOUNDED_TAIL, WHOLE_TAIL } from './engine/series.ts';
import { Contexts } from './evaluator/contexts.ts';
import { inParallel } from './evaluator/in-parallel.ts';
import { Rulebook } from './rulebook.ts';

export interface PreviewParts {
  readonly history: History;
  readonly facts: Pick<Facts, 'all'>;
  readonly time: TimeSource;
}

/** What a rule would find if it had judged the keys' recent history, beside what the rule it replaces found there. */
export interface Preview {
  /** Findings that would be running and are not. */
  readonly opens: readonly Finding[];
  /** Findings that are running and would not be. */
  readonly closes: readonly Finding[];
  /** Findings that would go on running, as the new rule sees them. */
  readonly keeps: readonly Finding[];
  /** Of those the ones that are not the same as before: since another moment, another extreme, other serials. */
  readonly changes: readonly Finding[];
  /** What runs by the rule in force. */
  readonly running: readonly Finding[];
  /** Findings of the stretch, ended ones included. */
  readonly before: number;
  readonly after: number;
  /** Keys either rule judges, and how many were looked at. */
  readonly keys: number;
  readonly judged: number;
  /** Event times looked at, epoch ms UTC. */
  readonly from: number;
  readonly to: number;
}

/** Facts that decide which devices a rule applies to. */
const CONTEXT_FACTS: readonly FactType[] = ['device', 'calibration', 'asn', 'attachment', 'place', 'setAside'];
/** How far back at least: an excursion of the day is in it whole. */
const LEAST_BACK_MS = 48 * 3_600_000;
/** A week of a reading every 30 s; beyond it only the newest are looked at. */
const MOST_READINGS = 20_000;
/** Someone waits for the answer. */
const BUDGET_MS = 5_000;
const AT_ONCE = 8;

/**
 * Runs two rules over the recent history of the keys they judge, with the live engine, and compares what is running at
 * the end (docs/rules.md, "Changing a rule"). Both judge the whole stretch, whatever their `effectiveFrom`: that is what
 * shows whether a rule is the one that is meant.
 *
 * @param rules null where there is none: a new rule, a removal
 */
export async function previewRule(
  rules: { readonly inForce: Rule | null; readonly proposed: Rule | null },
  { history, facts, time }: PreviewParts,
): Promise<Preview> {
  const to = time.now();
  const until = time.monotonic() + BUDGET_MS;
  const from = to - backOf([rules.inForce, rules.proposed]);
  const contexts = new Contexts({ onRefused: () => {} });
  contexts.add(await facts.all(CONTEXT_FACTS));
  const books = [bookOf(rules.inForce), bookOf(rules.proposed)] as const;
  const keys = (await history.keys()).filter(({ device, metric, lastTime }) => {
    // A key that has long been silent still counts: silence is judged on it.
    return lastTime <= to && books.some((book) => book.watches(metric, contexts.recordOf(device)).length > 0);
  });
  const recordOf = (device: string) => contexts.recordOf(device);
  const asked = new Set(books.flatMap((book) => [...book.askedBeside]));
  const before = new Trial(books[0], recordOf);
  const after = new Trial(books[1], recordOf);
  let judged = 0;
  await inParallel(AT_ONCE, keys, async ({ device, metric }) => {
    if (time.monotonic() > until) return;
    const builder = new ReadingBuilder();
    // What the rules ask of other metrics of the device is there before they ask.
    for (const each of [...asked, metric]) {
      const { count, time: times, value } = await newestOf(history, { device, metric: each }, from, to + 1);
      for (let i = 0; i < count; i++) builder.add(device, each, times[i] as number, value[i] as number);
    }
    for (const trial of [before, after]) trial.take(builder);
    judged++;
  });
  // Both run at the same moment on the same key: a person would call it the same.
  const was = Map.groupBy(before.running(to), ({ key }) => key);
  const will = Map.groupBy(after.running(to), ({ key }) => key);
  const keeps = [...will.values()].flat().filter(({ key }) => was.has(key));
  return {
    opens: [...will.values()].flat().filter(({ key }) => !was.has(key)),
    closes: [...was.values()].flat().filter(({ key }) => !will.has(key)),
    keeps,
    changes: keeps.filter((finding) => was.get(finding.key)?.some((before) => isSame(before, finding)) !== true),
    running: [...was.values()].flat(),
    before: before.count,
    after: after.count,
    keys: keys.length,
    judged,
    from,
    to,
  };
}

/** The readings in [from, to), the newest where there are too many; the last before where there are none. */
async function newestOf(
  history: History,
  { device, metric }: { readonly device: string; readonly metric: number },
  from: number,
  to: number,
): Promise<KeyReadings> {
  const readings = await history.read(device, metric, from, to, MOST_READINGS);
  if (readings.count === 0) return history.before(device, metric, to, 1);
  return readings.count < MOST_READINGS ? readings : history.before(device, metric, to, MOST_READINGS);
}

/** One rule over one stretch. */
class Trial {
  readonly #engine: Engine;
  readonly #found = new Map<string, Finding>();

  constructor(book: Rulebook, recordOf: Parameters<Rulebook['planWith']>[0]) {
    this.#engine = new Engine({
      plan: book.planWith(recordOf),
      quality: book.qualityWith(recordOf),
      // A flag that came long before what it excuses is in no bounded tail.
      tail: book.askedBeside.size > 0 ? WHOLE_TAIL : BOUNDED_TAIL,
    });
  }

  get count(): number {
    return this.#found.size;
  }

  take(readings: ReadingBuilder): void {
    this.#engine.apply(readings.view());
    this.#keep(0);
  }

  /** Findings that nothing has ended by `now`, a silence that still lasts among them. */
  running(now: number): Finding[] {
    this.#engine.setNow(now);
    this.#keep(now);
    return [...this.#found.values()].filter(({ endedBy }) => endedBy === null);
  }

  #keep(at: number): void {
    for (const { event, finding } of this.#engine.flush(at)) {
      if (event === 'retracted') this.#found.delete(findingId(finding));
      else this.#found.set(findingId(finding), finding);
    }
  }
}

function bookOf(rule: Rule | null): Rulebook {
  return new Rulebook(rule === null ? [] : [{ rule, version: 1, effectiveFrom: null }]);
}

/** Twice the longest that the rules look back: the first half only fills their windows. */
function backOf(rules: readonly (Rule | null)[]): number {
  const spans = rules.flatMap((rule) =>
    Object.entries(rule ?? {}).map(([key, value]) => (key.endsWith('Ms') && typeof value === 'number' ? value : 0)),
  );
  return Math.max(LEAST_BACK_MS, 2 * Math.max(0, ...spans));
}
