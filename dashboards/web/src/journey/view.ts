/** What was asked to be seen, epoch ms; `from` null: from the beginning, `to` null: up to the end, or now. */
export interface View {
  readonly from: number | null;
  readonly to: number | null;
}

/** From where to where, epoch ms. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

export const WHOLE: View = { from: null, to: null };

/** No closer than this: readings come seconds apart at most. */
export const CLOSEST_MS = 5_000;

/** @param bounds the whole journey */
export function shownOf({ from, to }: View, bounds: Extent): Extent {
  return { from: from ?? bounds.from, to: to ?? bounds.to };
}

/** A stretch as a view: within the bounds, and where it touches their ends it stays with them as they move. */
export function viewOf({ from, to }: Extent, bounds: Extent): View {
  const whole = Math.max(bounds.to - bounds.from, CLOSEST_MS);
  const span = Math.min(Math.max(to - from, CLOSEST_MS), whole);
  const middle = (from + to) / 2;
  const begin = Math.min(Math.max(middle - span / 2, bounds.from), bounds.from + whole - span);
  const end = begin + span;
  return {
    from: begin <= bounds.from ? null : Math.round(begin),
    to: end >= bounds.to ? null : Math.round(end),
  };
}

/** @param factor below 1: closer. @param at what stays where it is on the screen, epoch ms */
export function zoomed(view: View, bounds: Extent, factor: number, at: number): View {
  const { from, to } = shownOf(view, bounds);
  const share = to === from ? 0.5 : (at - from) / (to - from);
  const whole = Math.max(bounds.to - bounds.from, CLOSEST_MS);
  const span = Math.min(Math.max((to - from) * factor, CLOSEST_MS), whole);
  const begin = at - share * span;
  return viewOf({ from: begin, to: begin + span }, bounds);
}

/** @param ms later, or earlier where below 0 */
export function panned(view: View, bounds: Extent, ms: number): View {
  const { from, to } = shownOf(view, bounds);
  const moved = Math.min(Math.max(ms, bounds.from - from), bounds.to - to);
  return viewOf({ from: from + moved, to: to + moved }, bounds);
}

/** What is fetched: the same for all views that are near and about as wide, so that moving asks for nothing new. */
export interface Tile {
  readonly from: number;
  /** null: up to now, and readings join as they arrive. */
  readonly to: number | null;
  readonly points: number;
}

/** Two buckets for three pixels; a point more makes no pixel more. */
const POINTS_PER_PIXEL = 0.7;
const POINTS = { least: 200, most: 4_000 };

/** @param width of the chart, px. @param isOver whether the journey has its end, or goes on now */
export function tileOf(shown: Extent, bounds: Extent, width: number, isOver: boolean): Tile {
  const level = 2 ** Math.ceil(Math.log2(Math.max(shown.to - shown.from, CLOSEST_MS)));
  const step = level / 2;
  const begin = Math.floor((shown.from - level / 4) / step) * step;
  const end = begin + 2 * level;
  const from = Math.max(begin, bounds.from);
  const isToNow = !isOver && end >= bounds.to;
  const to = Math.min(end, bounds.to);
  // By steps, so that a window made narrower by a little asks for nothing new.
  const wide = Math.max(400, Math.ceil(width / 400) * 400);
  const wanted = wide * POINTS_PER_PIXEL * (Math.max(to - from, CLOSEST_MS) / step);
  const points = Math.round(Math.min(Math.max(wanted, POINTS.least), POINTS.most) / 100) * 100;
  return { from, to: isToNow ? null : to, points };
}

/** `2026-11-22T10:05:30Z` of an address; null where it names no time. */
export function timeOfText(text: string | null): number | null {
  if (text === null || text === '') return null;
  const at = /^\d{9,15}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(at) ? at : null;
}

export function textOfTime(at: number): string {
  return new Date(at).toISOString().replace(/\.000Z$/, 'Z');
}
