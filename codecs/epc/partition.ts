import { InputError } from '../../domain/index.ts';

/** How many bits and digits company prefix and reference take for one partition value. */
export interface PartitionRow {
  readonly prefixBits: number;
  readonly prefixDigits: number;
  readonly referenceBits: number;
  readonly referenceDigits: number;
}

const PREFIX_BITS = [40, 37, 34, 30, 27, 24, 20];

function table(referenceBits: readonly number[], digitsTogether: number): readonly PartitionRow[] {
  return PREFIX_BITS.map((prefixBits, partition) => ({
    prefixBits,
    prefixDigits: 12 - partition,
    referenceBits: referenceBits[partition] ?? 0,
    referenceDigits: digitsTogether - (12 - partition),
  }));
}

/** TDS 1.13, table 14-2. Company prefix with indicator and item reference: 13 digits. */
export const SGTIN_PARTITIONS = table([4, 7, 10, 14, 17, 20, 24], 13);
/** TDS 1.13, table 14-5. Company prefix with extension and serial reference: 17 digits. */
export const SSCC_PARTITIONS = table([18, 21, 24, 28, 31, 34, 38], 17);

/** @throws {InputError} EPC_PARTITION for the value 7, which no table has */
export function partitionRow(rows: readonly PartitionRow[], partition: number): PartitionRow {
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
