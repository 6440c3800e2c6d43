import { InputError } from '../../domain/index.ts';

/** How many bits and digits company prefix and reference take for one partition value. */
export interface PartitionRow {
  readonly prefixBits: number;
  readonly prefixDigits: number;
  readonly referenceBits: number;
  /** Digits of the reference; where it is a number or text, the most it may have. */
  readonly referenceDigits: number;
}

export type PartitionTable = readonly PartitionRow[];

/** TDS 1.13, tables 14-2 to 14-32: 12 down to 6 digits of company prefix for the values 0 to 6. */
const PREFIX_BITS = [40, 37, 34, 30, 27, 24, 20];

/** @param digitsTogether of company prefix and reference */
function table(referenceBits: readonly number[], digitsTogether: number): PartitionTable {
  return PREFIX_BITS.map((prefixBits, partition) => ({
    prefixBits,
    prefixDigits: 12 - partition,
    referenceBits: referenceBits[partition] ?? 0,
    referenceDigits: digitsTogether - (12 - partition),
  }));
}

/** Indicator and item reference; ITIP too. */
export const SGTIN_PARTITIONS = table([4, 7, 10, 14, 17, 20, 24], 13);
/** Extension digit and serial reference; service references of GSRN and GSRNP too. */
export const SSCC_PARTITIONS = table([18, 21, 24, 28, 31, 34, 38], 17);
/** Location reference; document types and coupon references too. */
export const SGLN_PARTITIONS = table([1, 4, 7, 11, 14, 17, 21], 12);
/** Asset type. */
export const GRAI_PARTITIONS = table([4, 7, 10, 14, 17, 20, 24], 12);
/** Individual asset reference, a number. */
export const GIAI_96_PARTITIONS = table([42, 45, 48, 52, 55, 58, 62], 25);
/** Individual asset reference, text. */
export const GIAI_202_PARTITIONS = table([148, 151, 154, 158, 161, 164, 168], 30);
/** Component or part reference, a number. */
export const CPI_96_PARTITIONS = table([11, 14, 17, 21, 24, 27, 31], 15);
/** Component or part reference, text of up to 30 characters with the prefix, closed by six zero bits. */
export const CPI_VAR_PARTITIONS = table([114, 120, 126, 132, 138, 144, 150], 30);

/** @throws {InputError} EPC_PARTITION for the value 7, which no table has */
export function partitionRow(rows: PartitionTable, partition: number): PartitionRow {
  const row = rows[partition];
  if (row === undefined) throw new InputError('EPC_PARTITION', `partition ${partition}: 0 to 6 expected`);
  return row;
}

/** @throws {InputError} EPC_COMPANY_PREFIX unless it has 6 to 12 digits */
export function partitionOf(companyPrefix: string): number {
  const partition = 12 - companyPrefix.length;
  if (partition < 0 || partition > 6 || !/^[0-9]+$/.test(companyPrefix)) {
    throw new InputError('EPC_COMPANY_PREFIX', `company prefix ${companyPrefix}: 6 to 12 digits expected`);
  }
  return partition;
}
