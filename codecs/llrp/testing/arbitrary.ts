import fc from 'fast-check';
import type { Frame } from '../frame.ts';
import type { FieldKind } from '../table/definition.ts';
import { type Layout, MESSAGES, type Message, messageLayout, type Parameter, parameterLayout } from '../table.ts';

/** Any message of the table with any fields and any parameters that the standard allows in it. */
export function anyFrame(): fc.Arbitrary<Frame> {
  return fc
    .record({
      version: fc.constantFrom(1, 2),
      id: fc.nat(0xffffffff),
      message: fc.constantFrom(...Object.keys(MESSAGES)).chain((name) => filled<Message>(messageLayout(name), 4)),
    })
    .map((frame) => frame);
}

/** Any RO_ACCESS_REPORT. */
export function anyReport(): fc.Arbitrary<Frame> {
  return filled<Message>(messageLayout('RO_ACCESS_REPORT'), 3).map((message) => ({ version: 1, id: 1, message }));
}

function filled<T extends Message | Parameter>(layout: Layout | undefined, depth: number): fc.Arbitrary<T> {
  if (layout === undefined) throw new Error('no such message or parameter');
  const fields = layout.fields
    .filter(([name]) => name !== '_')
    .map(([name, kind]): [string, fc.Arbitrary<unknown>] => [name, anyValue(kind)]);
  const parameters = fc.tuple(...layout.parameters.map((slot) => anySlot(slot, depth))).map((slots) => slots.flat());
  return fc.record({ ...Object.fromEntries(fields), parameters }).map((value) => {
    const { parameters: held, ...rest } = value;
    const holder: unknown = { name: layout.name, ...rest, ...(held.length > 0 ? { parameters: held } : {}) };
    return holder as T;
  });
}

function anySlot(slot: string, depth: number): fc.Arbitrary<Parameter[]> {
  const repeat = /[?*+]$/.exec(slot)?.[0] ?? '';
  const names = slot.replace(/[?*+]$/, '').split('|');
  const min = repeat === '' || repeat === '+' ? 1 : 0;
  const max = depth <= 0 ? min : repeat === '' || repeat === '?' ? 1 : 2;
  if (max === 0) return fc.constant([]);
  const one = fc.constantFrom(...names).chain((name) => filled<Parameter>(parameterLayout(name), depth - 1));
  return fc.array(one, { minLength: min, maxLength: max });
}

function anyValue(kind: FieldKind): fc.Arbitrary<unknown> {
  if (kind === 'flag') return fc.boolean();
  if (kind === 'u1') return fc.nat(1);
  if (kind === 'u2') return fc.nat(3);
  if (kind === 'u8') return fc.nat(0xff);
  if (kind === 'u16') return fc.nat(0xffff);
  if (kind === 'u32') return fc.nat(0xffffffff);
  if (kind === 's8') return fc.integer({ min: -128, max: 127 });
  if (kind === 's16') return fc.integer({ min: -32768, max: 32767 });
  if (kind === 'u64') return fc.bigInt(0n, 2n ** 53n - 1n);
  if (kind === 'u96') return hex(12, 12);
  if (kind === 'utf8') return fc.string({ unit: 'grapheme', maxLength: 12 });
  if (kind === 'bytes' || kind === 'rest') return hex(0, 12);
  if (kind === 'bits') return fc.nat(200).chain((bits) => hex(...both((bits + 7) >> 3)).map((h) => ({ bits, hex: h })));
  const largest = kind === 'u8[]' ? 0xff : kind === 'u16[]' ? 0xffff : 0xffffffff;
  return fc.array(fc.nat(largest), { maxLength: 4 });
}

function both(length: number): [number, number] {
  return [length, length];
}

function hex(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase());
}
