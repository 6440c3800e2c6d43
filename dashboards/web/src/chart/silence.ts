/** Epoch ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** Label of the line it is of, where it is of one. */
  readonly of?: string;
}

/**
 * How long a line may pause before it counts as silent: five usual steps, as the rules learn a gap; seconds.
 *
 * @param time of its readings, ascending, seconds
 */
export function silenceAfter(time: readonly number[]): number {
  const steps: number[] = [];
  for (let row = 1; row < time.length; row++) steps.push((time[row] ?? 0) - (time[row - 1] ?? 0));
  steps.sort((a, b) => a - b);
  const median = steps[Math.floor(steps.length / 2)];
  return median === undefined || steps.length < 4 ? 3_600 : Math.max(5 * median, 60);
}

/**
 * Where a line is silent: between two readings, and from the last one to the end of what is shown.
 *
 * @param time of its readings, ascending, seconds
 * @param until the end of what is shown, epoch ms
 */
export function silencesOf(time: readonly number[], until: number): Span[] {
  const longest = silenceAfter(time);
  const found: Span[] = [];
  for (const [row, at] of time.entries()) {
    const next = time[row + 1] ?? until / 1000;
    if (next - at > longest) found.push({ from: at * 1000, to: next * 1000 });
  }
  return found;
}
