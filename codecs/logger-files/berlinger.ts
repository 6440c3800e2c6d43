import { textOf } from './cell.ts';
import { findTable, type MeasuredTable } from './columns.ts';
import { temperatureUnit } from './quantity.ts';
import type { StatedFigure } from './summary.ts';
import { rowsOf } from './table.ts';

/** What a Berlinger device says of itself beside its measurements. */
export interface BerlingerFile {
  readonly serial: string | null;
  /** null: the device keeps extremes of the day only (Fridge-tag 2, 2 E, UL without log). */
  readonly table: MeasuredTable | null;
  readonly figures: readonly StatedFigure[];
  readonly alarms: readonly string[];
  /** Days it kept, of a device without a log. */
  readonly days: number;
}

interface Node {
  readonly value: string;
  readonly children: Map<string, Node>;
}

/**
 * The text report of Berlinger Fridge-tag 2, 2 L and Q-tag CLm doc: `key: value` nested by one blank a level, several in a
 * line parted by commas, with the log in columns parted by tabs under `Data:`. Layout as in reports published with
 * msupply-foundation/temperature-sensor (data/).
 *
 * @param text the whole file
 * @returns null where it is no such report
 */
export function berlingerFile(text: string): BerlingerFile | null {
  if (!/^\s*Device: *(?:Q-tag|Fridge-tag)/i.test(text)) return null;
  const root = treeOf(text);
  const conf = child(root, 'Conf');
  if (conf === null) return null;
  const unit = temperatureUnit(child(conf, 'Temp unit')?.value ?? 'C') ?? '°C';
  const rows = rowsOf(text, '\t');
  const log = rows.findIndex(({ cells }) => /^Data:$/.test(textOf(cells[0])));
  const found = log < 0 ? null : findTable(rows.slice(log), 'Berlinger');
  const table =
    found === null
      ? null
      : { ...found, columns: found.columns.map((column) => ({ ...column, unit: column.unit ?? unit })) };
  const result = child(root, 'Res');
  const days = [...(child(root, 'Hist')?.children ?? [])].filter(([key]) => /^\d+$/.test(key)).map(([, day]) => day);
  const figures = result === null ? figuresOfDays(days) : figuresOf(result, 0.05);
  return {
    serial: child(conf, 'Serial')?.value ?? null,
    ...{ table, figures, days: days.length },
    alarms: result === null ? alarmsOfDays(days) : alarmsOfResult(result),
  };
}

function treeOf(text: string): Node {
  const root: Node = { value: '', children: new Map() };
  const path: { readonly depth: number; readonly node: Node }[] = [{ depth: -1, node: root }];
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line.startsWith('\t')) continue;
    const depth = line.length - line.trimStart().length;
    while ((path.at(-1)?.depth ?? -1) >= depth && path.length > 1) path.pop();
    const parent = path.at(-1)?.node ?? root;
    let last: Node | null = null;
    for (const part of line.trim().split(/,\s+(?=[A-Za-z])/)) {
      const [, key = '', value = ''] = /^([^:]{1,60}):\s*(.*)$/.exec(part) ?? [];
      if (key === '') continue;
      last = { value: value.trim(), children: new Map() };
      parent.children.set(key.trim(), last);
    }
    if (last !== null) path.push({ depth, node: last });
  }
  return root;
}

function child(node: Node, key: string): Node | null {
  return node.children.get(key) ?? null;
}

const FIGURES = { 'Min T': 'min', 'Max T': 'max', 'Avrg T': 'mean', MKT: 'mkt' } as const;

function figuresOf(node: Node, precision: number): StatedFigure[] {
  return Object.entries(FIGURES).flatMap(([key, figure]) => {
    const value = Number.parseFloat(child(node, key)?.value ?? '');
    return Number.isFinite(value) ? [{ figure, metric: 'temperature' as const, probe: null, value, precision }] : [];
  });
}

/** Of all days: the device keeps sixty at most, the log may begin before or after the first. */
function figuresOfDays(days: readonly Node[]): StatedFigure[] {
  const all = days.flatMap((day) => figuresOf(day, 0.05));
  const of = (figure: 'min' | 'max') => all.filter((one) => one.figure === figure).map(({ value }) => value);
  const [mins, maxs] = [of('min'), of('max')];
  const stated = (figure: 'min' | 'max', value: number): StatedFigure => ({
    ...{ figure, metric: 'temperature', probe: null, value, precision: 0.05 },
  });
  return [
    ...(mins.length === 0
      ? []
      : [
          stated(
            'min',
            mins.reduce((a, b) => Math.min(a, b)),
          ),
        ]),
    ...(maxs.length === 0
      ? []
      : [
          stated(
            'max',
            maxs.reduce((a, b) => Math.max(a, b)),
          ),
        ]),
  ];
}

const SIDES: Readonly<Record<string, string>> = { '0': 'too cold', '1': 'too warm' };
const MOST_ALARMS = 20;

/** `t Acc`: minutes of the day beyond the limit; `TS A`: when the alarm was given. */
function alarmsOfDays(days: readonly Node[]): string[] {
  return days
    .flatMap((day) =>
      [...(child(day, 'Alarm')?.children ?? [])].flatMap(([side, alarm]) => {
        const given = child(alarm, 'TS A')?.value ?? '';
        const minutes = child(alarm, 't Acc')?.value ?? '';
        if (given === '') return [];
        return [
          `${child(day, 'Date')?.value ?? '?'} ${given}: ${SIDES[side] ?? `alarm ${side}`}, ${minutes} min that day`,
        ];
      }),
    )
    .slice(0, MOST_ALARMS);
}

function alarmsOfResult(result: Node): string[] {
  return [...(child(result, 'Alarm')?.children ?? [])]
    .flatMap(([number, alarm]) => {
      const given = child(alarm, 'TS A')?.value ?? '';
      return given === ''
        ? []
        : [`alarm ${number}: ${given}, ${child(alarm, 't A')?.value ?? '?'} min beyond its limit`];
    })
    .slice(0, MOST_ALARMS);
}
