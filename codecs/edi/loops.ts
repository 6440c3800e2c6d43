import { InputError } from '../../domain/index.ts';
import { type EdiInterchange, type EdiMessage, ediFault, type Segment, value } from './segment.ts';

/** Segments that begin a loop, and the loops that may stand in it. */
interface Loops {
  readonly [tag: string]: Loops;
}

/** A message as a mapping reads it: plain objects, the segments of a loop together. */
export interface EdiView {
  readonly [name: string]: unknown;
}

const PACKED: Loops = { PCI: {} };
const DESPATCH: Loops = { NAD: {}, TDT: {}, CPS: { PAC: PACKED, LIN: PACKED } };
const LINES: Loops = { NAD: {}, LIN: { PIA: {} } };

/** Loops of the messages that stand for orders, deliveries, stock and their kin. Of others the segments stand flat. */
const LOOPS: Readonly<Record<string, Loops>> = {
  856: { N1: {}, HL: { N1: {} } },
  850: { N1: {}, PO1: { N1: {} } },
  861: { N1: {}, RCD: {} },
  846: { N1: {}, LIN: {} },
  DESADV: DESPATCH,
  RECADV: DESPATCH,
  ORDERS: LINES,
  INVRPT: LINES,
};
/** Loops that stand in one another by their own numbers: id and parent are their first two elements. */
const NESTED: ReadonlySet<string> = new Set(['HL', 'CPS']);
/** What ends the loops: it stands in none. */
const AFTER: ReadonlySet<string> = new Set(['CTT', 'CNT', 'UNS']);

interface Loop {
  readonly head: Segment;
  readonly view: Record<string, unknown>;
}

/**
 * Each message of a file as a mapping reads it. A segment is an object, `BSN02` its second element, an array where it has
 * components; a loop stands under the name of the segment that begins it, with its own segments by name. HL and CPS stand
 * in one another as their numbers say, each with its `level` (HL03).
 * @throws {InputError} EDI_INVALID where a loop stands in none that is there
 */
export function messagesIn(interchanges: readonly EdiInterchange[]): readonly EdiView[] {
  return interchanges.flatMap(({ standard, sender, receiver, control, isTest, decimal, groups }) =>
    groups.flatMap((group) =>
      group.messages.map((message) => ({
        ...{ standard, sender, receiver, isTest, decimal, interchange: control, group: group.control },
        ...{ type: message.type, version: message.version, control: message.control },
        ...viewOf(message),
      })),
    ),
  );
}

function viewOf({ type, segments }: EdiMessage): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  const nested: Loop[] = [];
  /** The loops that are open, the outermost first. */
  let open: { readonly loops: Loops; readonly view: Record<string, unknown> }[] = [
    { loops: LOOPS[type] ?? {}, view: root },
  ];
  for (const segment of segments) {
    const { tag } = segment;
    if (AFTER.has(tag)) open = open.slice(0, 1);
    const depth = open.findLastIndex(({ loops }) => Object.hasOwn(loops, tag));
    if (depth >= 0) open = open.slice(0, depth + 1);
    const around = open.at(-1);
    if (around === undefined) continue;
    const view: Record<string, unknown> = segmentView(segment);
    put(around.view, tag, view);
    if (depth < 0) continue;
    open.push({ loops: around.loops[tag] ?? {}, view });
    if (NESTED.has(tag)) nested.push({ head: segment, view });
  }
  const [first] = nested;
  return first === undefined ? root : { ...root, [first.head.tag]: treeOf(nested) };
}

/** Loops in the loops that they name. */
function treeOf(loops: readonly Loop[]): readonly unknown[] {
  const byId = new Map<string, Loop>();
  const roots: unknown[] = [];
  for (const { head, view } of loops) {
    const [id, parent] = [value(head, 1), value(head, 2)];
    if (byId.has(id)) throw ediFault(head, id, `each ${head.tag}01 once in a message`);
    const above = byId.get(parent);
    // What comes first stands above: so no ring can be.
    if (parent !== '' && above === undefined) throw ediFault(head, parent, `a ${head.tag}01 before it, or nothing`);
    byId.set(id, { head, view });
    view.level = value(head, 3);
    if (above === undefined) roots.push(view);
    else put(above.view, head.tag, view);
  }
  return roots;
}

function put(view: Record<string, unknown>, tag: string, one: unknown): void {
  const list = view[tag];
  if (Array.isArray(list)) list.push(one);
  else view[tag] = [one];
}

function segmentView({ tag, elements, line }: Segment): Record<string, unknown> {
  const view: Record<string, unknown> = { line };
  for (const [index, repetitions] of elements.entries()) {
    if (repetitions.length === 0) continue;
    const values = repetitions.map((components) => (components.length === 1 ? components[0] : [...components]));
    if (values.length === 1 && values[0] === '') continue;
    view[`${tag}${String(index + 1).padStart(2, '0')}`] = values.length === 1 ? values[0] : values;
  }
  return view;
}

/** @throws {InputError} EDI_INVALID where no message is in it */
export function requireMessages(messages: readonly EdiView[]): readonly EdiView[] {
  if (messages.length === 0) throw new InputError('EDI_INVALID', 'line 1: no message given; allowed: at least one');
  return messages;
}
