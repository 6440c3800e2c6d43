import type { Fault } from './drawing.ts';
import { differences, type Result, type Resumed } from './trial.ts';
import type { Truth } from './truth.ts';

/** What all rounds of a run come to. */
export class Tally {
  seeds = 0;
  #ended = 0;
  readonly #resumed: Resumed[] = [];
  readonly #faults = new Map<string, number>();
  readonly #sum = {
    acknowledged: 0,
    answered: 0,
    sightings: 0,
    inGaps: 0,
    messages: 0,
    again: 0,
    lost: 0,
    doubled: 0,
    differing: 0,
  };

  /** A seed that was begun, whatever came of it. */
  began(drawn: readonly Fault[]): void {
    this.seeds++;
    for (const { kind } of drawn) this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1);
  }

  add({ account, truth, acknowledged, answered, resumed }: Result, expected: Truth): void {
    this.#ended++;
    this.#resumed.push(...resumed);
    this.#sum.acknowledged += acknowledged;
    this.#sum.answered += answered;
    this.#sum.sightings += account.sightings;
    this.#sum.inGaps += account.inGaps;
    this.#sum.messages += account.messages;
    this.#sum.again += account.again;
    this.#sum.lost += account.lost.length;
    this.#sum.doubled += account.doubled.length;
    this.#sum.differing += account.differing.length + differences(truth, expected).length;
  }

  /** A line of all, and a table of when what was acknowledged again. */
  lines(): string[] {
    const { acknowledged, answered, sightings, inGaps, messages, again, lost, doubled, differing } = this.#sum;
    const faults = [...this.#faults.values()].reduce((sum, count) => sum + count, 0);
    const kinds = [...this.#faults].toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `${count} ${kind}`);
    const byWhat = Map.groupBy(this.#resumed, ({ what }) => what);
    const rows = [...byWhat].toSorted(([one], [two]) => (one < two ? -1 : 1));
    return [
      `${this.seeds} seeds, ${faults} faults: ${acknowledged} readings and ${answered} requests acknowledged, ${sightings} tags seen (${inGaps} in gaps that were told), ${messages} messages (${again} came again under their key): ${lost} lost, ${doubled} doubled, ${differing} differing; ${this.seeds - this.#ended} seeds did not come back, what is missing there is not in these figures`,
      `faults: ${kinds.join(', ')}`,
      '| after | times | acknowledged again p50 | p99 | stored again p50 | p99 |',
      '|---|---|---|---|---|---|',
      ...[...rows, ['all', this.#resumed] as const].map(([what, of]) => {
        const cells = (['acknowledged', 'stored'] as const).flatMap((when) =>
          [0.5, 0.99].map((q) => share(of, when, q)),
        );
        return `| ${what} | ${of.length} | ${cells.join(' | ')} |`;
      }),
    ];
  }
}

function share(of: readonly Resumed[], what: 'acknowledged' | 'stored', quantile: number): string {
  const ordered = of.map((one) => one[what]).toSorted((a, b) => a - b);
  return secondsText(ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * quantile))] ?? Number.NaN);
}

/** `1.25 s`; never: it was not seen. */
export function secondsText(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(2)} s` : 'never';
}
