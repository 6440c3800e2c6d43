import { timeTicks, valueTicks } from './chart-scale.ts';
import type { Formats } from './formats.ts';
import type { Chart, ChartLine } from './report.ts';
import { INK, type Sheet, WIDTH } from './sheet.ts';

/** A page of its own has room for three. */
const HEIGHT = 190;
const AXIS = { left: 34, right: 8, top: 8, bottom: 20 } as const;
const LEGEND_LINE = 11;
const LIMIT = '#a40e26';
const ALERT = '#fbe3e1';
const SUSPECT = '#8a5a00';
/** Told apart in black and white too, by their dashes. */
const LINES: readonly { readonly colour: string; readonly dash: readonly number[] }[] = [
  { colour: '#0b57a4', dash: [] },
  { colour: '#5b2d8e', dash: [4, 2] },
  { colour: '#00695c', dash: [1.2, 1.6] },
  { colour: '#7a4100', dash: [7, 2] },
  { colour: '#3d4651', dash: [5, 1.5, 1, 1.5] },
  { colour: '#8d1460', dash: [2.5, 2.5] },
];

/** What a chart takes of a page with its legend, points. */
export function chartHeight(chart: Chart): number {
  return HEIGHT + LEGEND_LINE * (1 + legendOf(chart).length / 3) + 14;
}

/** Values over time as vectors, with the limits they had to stay between. Times are those of the formats' zone. */
export function drawChart(sheet: Sheet, chart: Chart, formats: Formats): void {
  const legend = legendOf(chart);
  sheet.ensure(chartHeight(chart));
  const { pdf, left, y: top } = sheet;
  const area = {
    left: left + AXIS.left,
    right: left + WIDTH - AXIS.right,
    top: top + AXIS.top,
    bottom: top + HEIGHT - AXIS.bottom,
  };
  const values = valueTicks([...valuesOf(chart)], 6);
  const [low, high] = [values[0]?.at ?? 0, values.at(-1)?.at ?? 1];
  const x = (at: number) =>
    area.left + ((at - chart.from) / Math.max(1, chart.to - chart.from)) * (area.right - area.left);
  const y = (value: number) => area.bottom - ((value - low) / (high - low)) * (area.bottom - area.top);

  sheet.figure(chart.alternative, () => {
    for (const { from, to } of chart.marked) {
      const [start, end] = [x(Math.max(from, chart.from)), x(Math.min(to, chart.to))];
      if (end < start) continue;
      pdf.rect(start, area.top, Math.max(1, end - start), area.bottom - area.top).fill(ALERT);
    }
    pdf.lineWidth(0.4).strokeColor(INK.rule).undash();
    for (const tick of values) pdf.moveTo(area.left, y(tick.at)).lineTo(area.right, y(tick.at)).stroke();
    for (const { at } of timeTicks(chart.from, chart.to, 6, formats)) {
      pdf
        .moveTo(x(at), area.top)
        .lineTo(x(at), area.bottom + 3)
        .stroke();
    }
    for (const [i, line] of chart.lines.entries())
      drawLine(pdf, line, styleOf(i), { x, y, within: (place) => Math.min(Math.max(place, area.top), area.bottom) });
    for (const { value } of chart.limits) {
      pdf.lineWidth(0.9).strokeColor(LIMIT).dash(5, { space: 3 });
      pdf.moveTo(area.left, y(value)).lineTo(area.right, y(value)).stroke();
    }
    pdf.undash();
    labels();
  });
  sheet.y = top + HEIGHT + 2;
  drawLegend(sheet, legend);
  sheet.y += 8;

  function labels(): void {
    const small = { size: 7, ink: 'quiet' } as const;
    for (const { at, label } of values) sheet.write(label, area.left - 4 - sheet.width(label, small), y(at) - 4, small);
    sheet.write(chart.unit, left, top - 4, small);
    for (const { at, label } of timeTicks(chart.from, chart.to, 6, formats)) {
      const width = sheet.width(label, small);
      const place = Math.min(Math.max(x(at) - width / 2, area.left), area.right - width);
      sheet.write(label, place, area.bottom + 5, small);
    }
    const [least = 0] = chart.limits.map(({ value }) => value).sort((a, b) => a - b);
    for (const { value, label } of chart.limits) {
      const written = { size: 7, face: 'bold', ink: 'grave' } as const;
      // Outside of what is allowed, so that two labels never meet.
      const place = chart.limits.length > 1 && value === least ? y(value) + 1.5 : y(value) - 9;
      sheet.write(label, area.right - sheet.width(label, written) - 2, place, written);
    }
  }
}

interface Scales {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  /** What lies beyond the scale stands at its edge. */
  readonly within: (place: number) => number;
}

function styleOf(index: number) {
  return LINES[index % LINES.length] ?? { colour: INK.plain, dash: [] };
}

/** A line ends where its value is not known to hold on: it is never drawn through a gap. */
function drawLine(
  pdf: PDFKit.PDFDocument,
  line: ChartLine,
  { colour, dash }: ReturnType<typeof styleOf>,
  { x, y, within }: Scales,
) {
  pdf.lineWidth(0.9).lineJoin('round').strokeColor(colour).undash();
  // The types know a dash of one length; the library takes several.
  if (dash.length > 0) pdf.dash(dash as unknown as number, {});
  let isOpen = false;
  const dots: { readonly at: number; readonly value: number }[] = [];
  for (const { at, min, max, isLast } of line.points) {
    if (!isOpen && isLast && min === max) {
      dots.push({ at, value: min });
      continue;
    }
    if (isOpen) pdf.lineTo(x(at), y(min));
    else pdf.moveTo(x(at), y(min));
    pdf.lineTo(x(at), y(max));
    isOpen = !isLast;
  }
  pdf.stroke().undash();
  for (const { at, value } of dots) pdf.circle(x(at), y(value), 0.9).fill(colour);
  pdf.lineWidth(0.7);
  for (const { at, value } of line.suspects) pdf.circle(x(at), within(y(value)), 1.8).stroke(SUSPECT);
}

type Legend = readonly {
  readonly text: string;
  readonly draw: (pdf: PDFKit.PDFDocument, x: number, y: number) => void;
}[];

function legendOf({ lines, limits, marked, says }: Chart): Legend {
  const stroke = (colour: string, dash: readonly number[]) => (pdf: PDFKit.PDFDocument, x: number, y: number) => {
    pdf.lineWidth(1.1).strokeColor(colour).undash();
    if (dash.length > 0) pdf.dash(dash as unknown as number, {});
    pdf
      .moveTo(x, y)
      .lineTo(x + 18, y)
      .stroke()
      .undash();
  };
  return [
    ...lines.map(({ name }, i) => ({ text: name, draw: stroke(styleOf(i).colour, styleOf(i).dash) })),
    ...(limits.length === 0 ? [] : [{ text: says.limit, draw: stroke(LIMIT, [5, 3]) }]),
    ...(marked.length === 0
      ? []
      : [
          {
            text: says.alert,
            draw: (pdf: PDFKit.PDFDocument, x: number, y: number) => pdf.rect(x, y - 4, 18, 8).fill(ALERT),
          },
        ]),
    ...(lines.every(({ suspects }) => suspects.length === 0)
      ? []
      : [
          {
            text: says.suspect,
            draw: (pdf: PDFKit.PDFDocument, x: number, y: number) =>
              pdf
                .lineWidth(0.7)
                .circle(x + 9, y, 1.8)
                .stroke(SUSPECT),
          },
        ]),
  ];
}

function drawLegend(sheet: Sheet, legend: Legend): void {
  const written = { size: 7.2 } as const;
  const wide = WIDTH / 3;
  for (const [i, { text, draw }] of legend.entries()) {
    const column = i % 3;
    if (column === 0 && i > 0) sheet.y += LEGEND_LINE;
    const x = sheet.left + column * wide;
    sheet.artifact(() => {
      draw(sheet.pdf, x, sheet.y + 4.5);
      sheet.write(sheet.wrap(text, wide - 30, written)[0] ?? '', x + 22, sheet.y, written);
    });
  }
  if (legend.length > 0) sheet.y += LEGEND_LINE;
}

/** What the scale has to hold. Not suspect readings: a broken sensor's 85 °C would press all others flat. */
function* valuesOf({ lines, limits }: Chart): Generator<number> {
  for (const { value } of limits) yield value;
  for (const { points } of lines) {
    for (const { min, max } of points) {
      yield min;
      yield max;
    }
  }
}
