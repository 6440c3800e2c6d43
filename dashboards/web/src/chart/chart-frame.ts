import uPlot from 'uplot';
import type { Meaning, Palette } from '../theme/theme.ts';
import { axisText, limitText } from '../words/figures.ts';
import { axisSteps } from '../words/scale.ts';
import { axisTime } from '../words/when.ts';
import { type ChartLine, isSpanned, loneRows } from './chart-table.ts';
import type { Span } from './silence.ts';

export interface ChartFrame {
  readonly lines: readonly ChartLine[];
  readonly unit: string;
  readonly limits: Limits;
  readonly excursions: readonly Span[];
  /** What was read and is not judged as fact: hatched the other way, in the colour of a warning. */
  readonly suspects: readonly Span[];
  /** Measured with a calibration that was overdue: a line along the bottom, in the colour of a warning. */
  readonly overdue: readonly Span[];
  /** What does not count, whatever was measured: upright lines between dotted edges. */
  readonly excused?: readonly Span[];
  /** Where nothing was heard: hatched. */
  readonly silences: readonly Span[];
  readonly zone: string | null;
  readonly stretch: Span | null;
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
  readonly onPoint: (pointed: Pointed | null) => void;
  /** One of several plots under one axis that somebody else draws, who also points and zooms; absent: it stands alone. */
  readonly isBand?: true;
  /** Moments, not a line: each reading is a stick from nothing. */
  readonly isSticks?: boolean;
  /** The line that stands out, by its label; null or absent: all alike. */
  readonly emphasis?: () => string | null;
}

interface Limits {
  readonly min: number | null;
  readonly max: number | null;
}

/** What the pointer is at. */
export interface Pointed {
  readonly left: number;
  readonly at: number;
  readonly values: readonly PointedValue[];
}

export interface PointedValue {
  readonly label: string;
  readonly value: number;
  /** Lowest and highest reading behind it, where it stands for several. */
  readonly span: { readonly min: number; readonly max: number } | null;
  readonly colour: string;
}

export function plotOptions(frame: ChartFrame): uPlot.Options {
  const { lines, unit, limits, zone, stretch, palette, onPoint, width, height, isBand = false } = frame;
  return {
    width,
    height,
    series: [{}, ...seriesOf(frame)],
    bands: spansOf(lines).map(({ index, min, max }) => ({
      series: [max, min],
      fill: `${lineColour(palette, lines[index]?.colour ?? index)}30`,
    })),
    padding: isBand ? [8, 8, 6, 0] : [14, 16, 0, 0],
    legend: { show: false },
    ...(zone === null ? {} : { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), zone) }),
    cursor: {
      y: false,
      points: { size: (_self, series) => (series <= lines.length ? 8 : 0), width: 2 },
      drag: { x: !isBand, y: false },
      ...(isBand ? { bind: NO_BINDS } : {}),
    },
    scales: {
      x: stretch === null ? {} : { min: stretch.from / 1000, max: stretch.to / 1000 },
      y: {
        range: (_self, low, high) =>
          frame.isSticks ? [0, 1.15 * (high ?? 1) || 1] : rangeWithLimits(low, high, limits),
      },
    },
    axes: [
      {
        show: !isBand,
        stroke: palette.muted,
        font: AXIS_FONT,
        grid: { show: false },
        ticks: { stroke: palette.line, width: 1, size: 5 },
        space: 76,
        size: 32,
        values: (_self, splits, _axis, _space, step) => splits.map((split) => axisTime(split * 1000, zone, step)),
      },
      {
        stroke: palette.muted,
        font: AXIS_FONT,
        grid: { stroke: palette.line, width: 1 },
        ticks: { show: false },
        size: 48,
        gap: 6,
        ...(isBand && height < 120 ? { space: 24 } : {}),
        splits: (_self, _axis, low, high, step) => axisSteps(low, high, step, unit),
        values: (_self, splits) => splits.map((split) => axisText(split, unit)),
      },
    ],
    hooks: {
      drawClear: [(self) => drawGround(self, frame)],
      draw: [(self) => drawLimits(self, palette, limits, unit), ...(frame.isSticks ? [drawSticks(frame)] : [])],
      setCursor: isBand ? [] : [(self) => onPoint(pointedAt(self, lines, palette))],
    },
  };
}

/** Who draws the axis hears the pointer. */
const deaf = () => null;
const NO_BINDS = {
  mousedown: deaf,
  mouseup: deaf,
  click: deaf,
  dblclick: deaf,
  mousemove: deaf,
  mouseleave: deaf,
  mouseenter: deaf,
};

const AXIS_FONT = '12px system-ui, sans-serif';

export function lineColour(palette: Palette, index: number): string {
  return palette.lines[index % palette.lines.length] ?? palette.accent;
}

/** Where the minimum and maximum of a line stand among the series (`tableOf`). */
function spansOf(lines: readonly ChartLine[]): { index: number; min: number; max: number }[] {
  const spanned = lines.flatMap((line, index) => (isSpanned(line) ? [index] : []));
  return spanned.map((index, nth) => {
    const min = 1 + lines.length + 2 * nth;
    return { index, min, max: min + 1 };
  });
}

/** A reading that no line leads to is a dot. */
const LONE_POINTS: uPlot.Series.Points = {
  show: false,
  size: 6,
  width: 0,
  filter: (self, series) => loneRows(self.data[series] ?? []),
};

function seriesOf({ lines, palette, limits, isSticks = false }: ChartFrame): uPlot.Series[] {
  const series: uPlot.Series[] = lines.map((line, index) => ({
    label: line.label,
    stroke: (self: uPlot) => strokeByLimits(self, palette, limits, lineColour(palette, line.colour ?? index)),
    width: 2,
    points: isSticks ? { show: false } : LONE_POINTS,
    spanGaps: false,
    ...(isSticks ? { paths: () => null } : {}),
  }));
  // An extreme is seen even where it is one bucket wide.
  const edges = spansOf(lines).flatMap(({ index }) => {
    const quiet = `${lineColour(palette, lines[index]?.colour ?? index)}80`;
    const stroke = (self: uPlot) => strokeByLimits(self, palette, limits, quiet);
    const edge = { label: '', stroke, width: 1, points: { show: false }, ...(isSticks ? { paths: () => null } : {}) };
    return [edge, { ...edge }];
  });
  return [...series, ...edges];
}

/** Limits are always on the chart: how far away they are is half of what it says. */
function rangeWithLimits(low: number | null, high: number | null, limits: Limits): [number, number] {
  const known = [low, high, limits.min, limits.max].filter((value): value is number => value !== null);
  if (known.length === 0) return [0, 10];
  const least = Math.min(...known);
  const most = Math.max(...known);
  const room = Math.max((most - least) * 0.12, 0.5);
  return [least - room, most + room];
}

/** The line turns to the excursion's colour exactly at the limit. */
function strokeByLimits(self: uPlot, palette: Palette, { min, max }: Limits, inside: string): CanvasGradient | string {
  const { top, height } = self.bbox;
  if (height === 0 || !Number.isFinite(height) || (min === null && max === null)) return inside;
  const gradient = self.ctx.createLinearGradient(0, top, 0, top + height);
  const at = (value: number) => Math.min(1, Math.max(0, (self.valToPos(value, 'y', true) - top) / height));
  const upper = max === null ? 0 : at(max);
  const lower = min === null ? 1 : at(min);
  if (!Number.isFinite(upper) || !Number.isFinite(lower) || upper > lower) return inside;
  gradient.addColorStop(0, max === null ? inside : palette.excursion.ink);
  gradient.addColorStop(upper, max === null ? inside : palette.excursion.ink);
  gradient.addColorStop(upper, inside);
  gradient.addColorStop(lower, inside);
  gradient.addColorStop(lower, min === null ? inside : palette.excursion.ink);
  gradient.addColorStop(1, min === null ? inside : palette.excursion.ink);
  return gradient;
}

/** The series of the line that stands out as they are, all others faint; null: all as they are. */
export function standOut(self: uPlot, lines: readonly ChartLine[], label: string | null): void {
  const spans = spansOf(lines);
  for (const [index, line] of lines.entries()) {
    const alpha = label === null || line.label === label ? 1 : 0.18;
    const own = spans.find((one) => one.index === index);
    for (const at of [index + 1, own?.min, own?.max]) {
      const series = at === undefined ? undefined : self.series[at];
      if (series !== undefined) series.alpha = alpha;
    }
  }
  self.redraw(false, false);
}

function drawGround(self: uPlot, frame: ChartFrame): void {
  const { palette, limits, excursions, silences, suspects, overdue, excused = [] } = frame;
  const emphasis = frame.emphasis?.() ?? null;
  const { ctx, bbox } = self;
  const { min, max } = limits;
  ctx.save();
  clipToPlot(self);
  if (min !== null || max !== null) {
    const upper = max === null ? bbox.top : self.valToPos(max, 'y', true);
    const lower = min === null ? bbox.top + bbox.height : self.valToPos(min, 'y', true);
    ctx.globalAlpha = 0.45;
    ctx.fillStyle = palette.inRange.soft;
    ctx.fillRect(bbox.left, upper, bbox.width, lower - upper);
    ctx.globalAlpha = 1;
  }
  for (const { from, to, of } of excursions) {
    const left = self.valToPos(from / 1000, 'x', true);
    const right = self.valToPos(to / 1000, 'x', true);
    ctx.globalAlpha = emphasis === null || of === undefined || of === emphasis ? 1 : 0.25;
    ctx.fillStyle = palette.excursion.soft;
    ctx.fillRect(left, bbox.top, Math.max(right - left, 2), bbox.height);
    ctx.fillStyle = palette.excursion.ink;
    ctx.fillRect(left, bbox.top, Math.max(right - left, 2), 3 * devicePixelRatio);
  }
  ctx.globalAlpha = 1;
  for (const silence of silences) hatch(self, palette.unknown, silence, 'rising');
  for (const suspect of suspects) hatch(self, palette.warning, suspect, 'falling');
  for (const one of excused) hatch(self, palette.inRange, one, 'upright');
  const thick = 4 * devicePixelRatio;
  ctx.fillStyle = palette.warning.ink;
  for (const { from, to } of overdue) {
    const left = self.valToPos(from / 1000, 'x', true);
    const right = self.valToPos(to / 1000, 'x', true);
    ctx.fillRect(left, bbox.top + bbox.height - thick, Math.max(right - left, 2), thick);
  }
  ctx.restore();
}

const HATCH_STEP = 9;

/** One reading is a moment: so wide that it can be seen. */
const HATCH_LEAST = 10;

/** Diagonal lines: nothing is known for sure here, which is neither fine nor an excursion. */
function hatch(self: uPlot, meaning: Meaning, { from, to }: Span, lines: 'rising' | 'falling' | 'upright'): void {
  const { ctx, bbox } = self;
  const [begin, end] = [self.valToPos(from / 1000, 'x', true), self.valToPos(to / 1000, 'x', true)];
  const spare = Math.max(0, HATCH_LEAST * devicePixelRatio - (end - begin)) / 2;
  const left = Math.max(begin - spare, bbox.left);
  const right = Math.min(end + spare, bbox.left + bbox.width);
  if (right <= left) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, right - left, bbox.height);
  ctx.clip();
  ctx.fillStyle = meaning.soft;
  ctx.fillRect(left, bbox.top, right - left, bbox.height);
  ctx.strokeStyle = `${meaning.ink}66`;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let x = left - bbox.height; x < right; x += HATCH_STEP * devicePixelRatio) {
    const [low, high] = lines === 'rising' ? [bbox.top + bbox.height, bbox.top] : [bbox.top, bbox.top + bbox.height];
    ctx.moveTo(x, low);
    ctx.lineTo(lines === 'upright' ? x : x + bbox.height, high);
  }
  ctx.stroke();
  ctx.restore();
}

function drawLimits(self: uPlot, palette: Palette, { min, max }: Limits, unit: string): void {
  const { ctx, bbox } = self;
  ctx.save();
  clipToPlot(self);
  ctx.strokeStyle = palette.excursion.ink;
  ctx.fillStyle = palette.excursion.ink;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.font = `600 ${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'right';
  for (const [value, isUpper] of [
    [max, true],
    [min, false],
  ] as const) {
    if (value === null) continue;
    const y = self.valToPos(value, 'y', true);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.textBaseline = isUpper ? 'bottom' : 'top';
    const offset = (isUpper ? -3 : 3) * devicePixelRatio;
    ctx.fillText(limitText(value, unit), bbox.left + bbox.width - 4 * devicePixelRatio, y + offset);
  }
  ctx.restore();
}

/** Shocks are over in a moment: a line from one to the next would tell of shocks that were none. */
function drawSticks({ lines, palette, emphasis }: ChartFrame): (self: uPlot) => void {
  return (self) => {
    const { ctx, data } = self;
    const [times] = data;
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = self.scales.x ?? {};
    const floor = self.valToPos(0, 'y', true);
    const spans = new Map(spansOf(lines).map((span) => [span.index, span]));
    ctx.save();
    clipToPlot(self);
    ctx.lineWidth = 2 * devicePixelRatio;
    for (const [index, line] of lines.entries()) {
      const other = emphasis?.() ?? line.label;
      ctx.globalAlpha = other === line.label ? 1 : 0.18;
      ctx.strokeStyle = lineColour(palette, line.colour ?? index);
      ctx.beginPath();
      for (const [row, at] of times.entries()) {
        const value = data[spans.get(index)?.max ?? index + 1]?.[row];
        if (value == null || value === 0 || at < (min ?? at) || at > (max ?? at)) continue;
        const x = self.valToPos(at, 'x', true);
        ctx.moveTo(x, floor);
        ctx.lineTo(x, self.valToPos(value, 'y', true));
      }
      ctx.stroke();
    }
    ctx.restore();
  };
}

function clipToPlot({ ctx, bbox }: uPlot): void {
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
}

function pointedAt(self: uPlot, lines: readonly ChartLine[], palette: Palette): Pointed | null {
  const { idx, left = -1, idxs = [] } = self.cursor;
  if (idx === null || idx === undefined || left < 0) return null;
  const at = self.data[0][idx];
  if (at === undefined) return null;
  const spans = new Map(spansOf(lines).map((span) => [span.index, span]));
  const values = lines.flatMap((line, index): PointedValue[] => {
    const row = idxs[index + 1] ?? idx;
    const value = self.data[index + 1]?.[row];
    if (value === null || value === undefined) return [];
    const span = spans.get(index);
    const min = span === undefined ? null : self.data[span.min]?.[row];
    const max = span === undefined ? null : self.data[span.max]?.[row];
    const isKnown = typeof min === 'number' && typeof max === 'number' && min < max;
    return [
      {
        label: line.label,
        value,
        span: isKnown ? { min, max } : null,
        colour: lineColour(palette, line.colour ?? index),
      },
    ];
  });
  if (values.length === 0) return null;
  return { left: left + self.bbox.left / devicePixelRatio, at: at * 1000, values };
}
