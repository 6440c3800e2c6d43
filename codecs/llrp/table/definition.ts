/**
 * How a field lies on the wire, big endian (LLRP 1.0.1, clause 16):
 * - `flag` one bit, a boolean; `u1`, `u2` that many bits, a number; `reservedN` N bits that must be zero
 * - `u8` to `u64`, `s8`, `s16` whole integers; `u96` an EPC
 * - `u8[]`, `u16[]`, `u32[]`, `bytes` and `utf8` start with a u16 count of elements, `bits` with a u16 count of bits
 * - `rest` takes what is left of its message or parameter
 */
export type FieldKind =
  | 'flag'
  | 'u1'
  | 'u2'
  | 'u8'
  | 'u16'
  | 'u32'
  | 's8'
  | 's16'
  | 'u64'
  | 'u96'
  | 'utf8'
  | 'bits'
  | 'bytes'
  | 'u8[]'
  | 'u16[]'
  | 'u32[]'
  | 'rest'
  | `reserved${number}`;

/**
 * One message or parameter: its type number, its fields in wire order (`_` is the reserved bits), and the parameters
 * that may follow, in the standard's order: `?` at most one, `*` any number, `+` at least one, `|` a choice.
 */
export interface Definition {
  readonly number: number;
  readonly fields: Readonly<Record<string, FieldKind>>;
  readonly parameters: readonly string[];
}

export type Definitions = Readonly<Record<string, Definition>>;
