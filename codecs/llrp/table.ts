import { access } from './table/access.ts';
import { c1g2 } from './table/c1g2.ts';
import { capabilities } from './table/capabilities.ts';
import { configuration } from './table/configuration.ts';
import type { Definition, Definitions, FieldKind } from './table/definition.ts';
import { events } from './table/events.ts';
import { messages } from './table/messages.ts';
import { operation } from './table/operation.ts';
import { reporting } from './table/reporting.ts';

/** All 40 messages of LLRP 1.0.1 and the four of 1.1's version negotiation. */
export const MESSAGES = messages;

/** All 108 parameters of LLRP 1.0.1. Numbers below 128 are TV (fixed length), the others TLV. */
export const PARAMETERS = {
  ...capabilities,
  ...operation,
  ...access,
  ...configuration,
  ...reporting,
  ...events,
  ...c1g2,
} as const;

export type MessageName = keyof typeof MESSAGES;
export type ParameterName = keyof typeof PARAMETERS;

/** A bit string: `hex` holds whole bytes, upper case, the last one padded. */
export interface Bits {
  readonly bits: number;
  readonly hex: string;
}

/** What a field is in memory. 64-bit fields are bigint so that every bit survives; byte strings are upper-case hex. */
type Value<K extends FieldKind> = K extends 'flag'
  ? boolean
  : K extends 'u64'
    ? bigint
    : K extends 'u96' | 'utf8' | 'bytes' | 'rest'
      ? string
      : K extends 'bits'
        ? Bits
        : K extends `${string}[]`
          ? readonly number[]
          : number;

type Fields<D extends Definition> = {
  readonly [F in keyof D['fields'] as F extends '_' ? never : F]: Value<D['fields'][F]>;
};

interface Holder {
  /** Parameters in wire order; absent where there are none. */
  readonly parameters?: readonly Parameter[];
  /** Reserved bits of the fields, where a sender has set any. */
  readonly reservedBits?: number;
}

interface Parameterwide extends Holder {
  /** Reserved bits of the TLV header, where a sender has set any. */
  readonly headerBits?: number;
}

/** One parameter by its name in the standard, its fields beside it: `{ name: 'ROSpecID', ROSpecID: 7 }`. */
export type ParameterOf<N extends ParameterName> = { readonly name: N } & Parameterwide &
  Fields<(typeof PARAMETERS)[N]>;

/** A TLV whose type is not in the table, kept as it came. */
export interface UnknownParameter extends Parameterwide {
  readonly name: 'Unknown';
  readonly number: number;
  readonly Data: string;
}

export type Parameter = { [N in ParameterName]: ParameterOf<N> }[ParameterName] | UnknownParameter;

export type MessageOf<N extends MessageName> = { readonly name: N } & Holder & Fields<(typeof MESSAGES)[N]>;

/** A message whose type is not in the table, kept as it came. */
export interface UnknownMessage extends Holder {
  readonly name: 'Unknown';
  readonly number: number;
  readonly Data: string;
}

export type Message = { [N in MessageName]: MessageOf<N> }[MessageName] | UnknownMessage;

/** A definition made ready for the wire: fields as pairs, in order. */
export interface Layout {
  readonly name: string;
  readonly number: number;
  readonly fields: readonly (readonly [name: string, kind: FieldKind])[];
  readonly parameters: readonly string[];
}

const messageLayouts = layouts(MESSAGES);
const parameterLayouts = layouts(PARAMETERS);
const messagesByNumber = byNumber(messageLayouts);
const parametersByNumber = byNumber(parameterLayouts);

export function messageLayout(name: string): Layout | undefined {
  return messageLayouts.get(name);
}

export function messageLayoutByNumber(number: number): Layout | undefined {
  return messagesByNumber[number];
}

export function parameterLayout(name: string): Layout | undefined {
  return parameterLayouts.get(name);
}

export function parameterLayoutByNumber(number: number): Layout | undefined {
  return parametersByNumber[number];
}

function layouts(definitions: Definitions): Map<string, Layout> {
  return new Map(
    Object.entries(definitions).map(([name, { number, fields, parameters }]) => [
      name,
      { name, number, fields: Object.entries(fields), parameters },
    ]),
  );
}

function byNumber(named: ReadonlyMap<string, Layout>): readonly (Layout | undefined)[] {
  const numbered: (Layout | undefined)[] = new Array(1024).fill(undefined);
  for (const layout of named.values()) numbered[layout.number] = layout;
  return numbered;
}
