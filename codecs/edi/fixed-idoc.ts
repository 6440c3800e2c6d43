import { InputError } from '../../domain/index.ts';
import { ediFault } from './segment.ts';

/** By segment its fields in order, each with its width: `{ E2EDL20: [['VBELN', 10], ['VSTEL', 4]] }`. */
export type IdocLayout = Readonly<Record<string, readonly (readonly [field: string, width: number])[]>>;

/** The head of each record (SAP IDoc record types from release 4.0, EDI_DD40): what stands from where on. */
const HEAD = { segment: [0, 30], number: [49, 55], parent: [55, 61], data: 63 } as const;
/** EDI_DC40: what of it is needed to tell one document from another. */
const CONTROL: readonly (readonly [string, number, number])[] = [
  ['DOCNUM', 13, 29],
  ['DIRECT', 35, 36],
  ['IDOCTYP', 39, 69],
  ['CIMTYP', 69, 99],
  ['MESTYP', 99, 129],
  ['SNDPOR', 148, 158],
  ['SNDPRT', 158, 160],
  ['SNDPRN', 162, 172],
];

interface Node {
  readonly view: Record<string, unknown>;
  readonly level: number;
}

/**
 * IDocs of fixed columns (`EDI_DC40`, then a record a line) in the form that IDoc XML has: `IDOC.E1EDL20.VBELN`. What a
 * segment's columns mean is said by the layout of the mapping; a segment that it does not name has its `SDATA` alone. Names
 * of releases (`E2EDL20004`) are read as those of the type (`E1EDL20`).
 * @throws {InputError} EDI_INVALID with the line
 */
export function readFixedIdocs(text: string, layout: IdocLayout = {}): { readonly IDOC: readonly unknown[] } {
  const idocs: Record<string, unknown>[] = [];
  let nodes = new Map<string, Node>();
  for (const [index, row] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const where = { tag: row.slice(0, 8).trim(), number: index + 1, line: index + 1 };
    if (row.trim() === '') continue;
    if (row.startsWith('EDI_DC40')) {
      nodes = new Map();
      const control = Object.fromEntries(CONTROL.map(([name, from, to]) => [name, row.slice(from, to).trim()]));
      idocs.push({ EDI_DC40: control });
      continue;
    }
    const idoc = idocs.at(-1);
    if (idoc === undefined) throw ediFault(where, row.slice(0, 20), 'EDI_DC40, the control record, in the first line');
    const given = row.slice(...HEAD.segment).trim();
    if (!/^[A-Z][A-Z0-9_/]{2,29}$/.test(given) || row.length < HEAD.data) {
      throw ediFault(where, row.slice(0, 20), 'a record of a segment, its data from column 64 on');
    }
    const view = fieldsOf(row.slice(HEAD.data), layoutOf(given, layout));
    const parent = nodes.get(row.slice(...HEAD.parent));
    nodes.set(row.slice(...HEAD.number), { view, level: (parent?.level ?? 0) + 1 });
    put(parent?.view ?? idoc, nameOf(given), view);
  }
  if (idocs.length === 0) throw new InputError('EDI_INVALID', 'line 1: nothing given; allowed: EDI_DC40');
  return { IDOC: idocs };
}

/** `E2EDL20004` is what the type calls `E1EDL20`. */
function nameOf(segment: string): string {
  return segment.replace(/^E2([A-Z0-9]+?)(?:\d{3})?$/, 'E1$1');
}

function layoutOf(segment: string, layout: IdocLayout): IdocLayout[string] | undefined {
  return Object.hasOwn(layout, segment)
    ? layout[segment]
    : Object.hasOwn(layout, nameOf(segment))
      ? layout[nameOf(segment)]
      : undefined;
}

function fieldsOf(data: string, fields: IdocLayout[string] | undefined): Record<string, unknown> {
  if (fields === undefined) return { SDATA: data.trimEnd() };
  const view: Record<string, unknown> = {};
  let at = 0;
  for (const [name, width] of fields) {
    const given = data.slice(at, at + width).trim();
    if (given !== '') view[name] = given;
    at += width;
  }
  return view;
}

/** As XML has it: one of a name alone, several in an array. */
function put(view: Record<string, unknown>, name: string, one: unknown): void {
  const before = view[name];
  if (before === undefined) view[name] = one;
  else if (Array.isArray(before)) before.push(one);
  else view[name] = [before, one];
}
