import type { EpcType } from './identity.ts';
import {
  CPI_96_PARTITIONS,
  CPI_VAR_PARTITIONS,
  GIAI_96_PARTITIONS,
  GIAI_202_PARTITIONS,
  GRAI_PARTITIONS,
  type PartitionTable,
  SGLN_PARTITIONS,
  SGTIN_PARTITIONS,
  SSCC_PARTITIONS,
} from './partition.ts';

/** How one or two parts of an identity stand in EPC memory (TDS 1.13, sections 14.3 and 14.4). */
export type Field =
  /** Partition value, company prefix, reference of digits. */
  | { readonly as: 'partition'; readonly rows: PartitionTable }
  /** The same with a reference that is a number without leading zeros. */
  | { readonly as: 'partitionNumber'; readonly rows: PartitionTable }
  /** The same with a reference of 7-bit characters. */
  | { readonly as: 'partitionText'; readonly rows: PartitionTable }
  /** The same with a reference of 6-bit characters, closed by six zero bits. */
  | { readonly as: 'partitionSixBit'; readonly rows: PartitionTable }
  /** A number without leading zeros. */
  | { readonly as: 'number'; readonly bits: number }
  /** Digits that may lead with zeros, written behind a 1. */
  | { readonly as: 'digits'; readonly bits: number }
  /** Two digits. */
  | { readonly as: 'pair'; readonly bits: number }
  /** 7-bit characters, filled with zero bits. */
  | { readonly as: 'text'; readonly bits: number }
  /** 6-bit characters, closed by six zero bits. */
  | { readonly as: 'sixBit'; readonly most: number }
  /** Six characters of this many bits, five of them behind a blank. */
  | { readonly as: 'cage'; readonly bitsEach: number }
  /** No part: reserved, zero. */
  | { readonly as: 'zero'; readonly bits: number };

/** A binary encoding of an EPC (TDS 1.13, table 14-1). */
export interface Scheme {
  readonly name: string;
  readonly type: EpcType;
  /** First byte of EPC memory. */
  readonly header: number;
  /** 0 where it has no filter value. */
  readonly filterBits: number;
  readonly fields: readonly Field[];
  /** Fixed length in bits; null where it varies. */
  readonly bits: number | null;
}

const sgtinKey: Field = { as: 'partition', rows: SGTIN_PARTITIONS };
const ssccKey: Field = { as: 'partition', rows: SSCC_PARTITIONS };
const sglnKey: Field = { as: 'partition', rows: SGLN_PARTITIONS };
const graiKey: Field = { as: 'partition', rows: GRAI_PARTITIONS };
const reserved: Field = { as: 'zero', bits: 24 };
const number = (bits: number): Field => ({ as: 'number', bits });
const text = (bits: number): Field => ({ as: 'text', bits });
const pair: Field = { as: 'pair', bits: 7 };

function scheme(name: string, header: number, bits: number | null, fields: readonly Field[], filterBits = 3): Scheme {
  return { name, type: name.slice(0, name.indexOf('-')) as EpcType, header, filterBits, fields, bits };
}

/** All of TDS 1.13, those of one type shortest first. */
export const SCHEMES: readonly Scheme[] = [
  scheme('gdti-96', 0x2c, 96, [sglnKey, number(41)]),
  scheme('gsrn-96', 0x2d, 96, [ssccKey, reserved]),
  scheme('gsrnp-96', 0x2e, 96, [ssccKey, reserved]),
  scheme('usdod-96', 0x2f, 96, [{ as: 'cage', bitsEach: 8 }, number(36)], 4),
  scheme('sgtin-96', 0x30, 96, [sgtinKey, number(38)]),
  scheme('sscc-96', 0x31, 96, [ssccKey, reserved]),
  scheme('sgln-96', 0x32, 96, [sglnKey, number(41)]),
  scheme('grai-96', 0x33, 96, [graiKey, number(38)]),
  scheme('giai-96', 0x34, 96, [{ as: 'partitionNumber', rows: GIAI_96_PARTITIONS }]),
  scheme('gid-96', 0x35, 96, [number(28), number(24), number(36)], 0),
  scheme('sgtin-198', 0x36, 198, [sgtinKey, text(140)]),
  scheme('grai-170', 0x37, 170, [graiKey, text(112)]),
  scheme('giai-202', 0x38, 202, [{ as: 'partitionText', rows: GIAI_202_PARTITIONS }]),
  scheme('sgln-195', 0x39, 195, [sglnKey, text(140)]),
  scheme('gdti-113', 0x3a, 113, [sglnKey, { as: 'digits', bits: 58 }]),
  scheme(
    'adi-var',
    0x3b,
    null,
    [
      { as: 'cage', bitsEach: 6 },
      { as: 'sixBit', most: 32 },
      { as: 'sixBit', most: 30 },
    ],
    6,
  ),
  scheme('cpi-96', 0x3c, 96, [{ as: 'partitionNumber', rows: CPI_96_PARTITIONS }, number(31)]),
  scheme('cpi-var', 0x3d, null, [{ as: 'partitionSixBit', rows: CPI_VAR_PARTITIONS }, number(40)]),
  scheme('gdti-174', 0x3e, 174, [sglnKey, text(119)]),
  scheme('sgcn-96', 0x3f, 96, [sglnKey, { as: 'digits', bits: 41 }]),
  scheme('itip-110', 0x40, 110, [sgtinKey, pair, pair, number(38)]),
  scheme('itip-212', 0x41, 212, [sgtinKey, pair, pair, text(140)]),
];

const byHeader = new Map(SCHEMES.map((one) => [one.header, one]));
const byName = new Map(SCHEMES.map((one) => [one.name, one]));

export function schemeByHeader(header: number): Scheme | undefined {
  return byHeader.get(header);
}

export function schemeByName(name: string): Scheme | undefined {
  return byName.get(name);
}
