import { type ParameterOf, parameterOf, parametersOf } from '../../codecs/llrp/index.ts';

/** Bits of a tag's EPC memory before the EPC: CRC and PC (Gen2, 6.3.2.1.2). */
const PC_AT = 16;
const EPC_AT = 32;
const EPC_BANK = 1;

/**
 * What a state-unaware filter does to the tags that match and to those that do not (LLRP 1.0.1, clause 15.2.1.2.1.1.3):
 * selected, not selected, or as before.
 */
const ACTIONS: readonly (readonly [matching: boolean | null, others: boolean | null])[] = [
  [true, false],
  [true, null],
  [null, false],
  [false, true],
  [false, null],
  [null, true],
];

/**
 * Whether an AISpec's filters let a tag answer at an antenna. Filters follow each other as Select commands do; a tag is
 * selected to begin with. Only EPC memory is played: a mask over another bank matches nothing.
 */
export function isSelected(spec: ParameterOf<'AISpec'>, antenna: number, epcHex: string, epcBits: number): boolean {
  const memory = epcMemory(epcHex, epcBits);
  let selected = true;
  for (const filter of filtersAt(spec, antenna)) {
    const mask = parameterOf(filter, 'C1G2TagInventoryMask');
    const action = parameterOf(filter, 'C1G2TagInventoryStateUnawareFilterAction')?.Action ?? 0;
    const [matching, others] = ACTIONS[action] ?? [null, null];
    selected = (mask !== undefined && matches(memory, mask) ? matching : others) ?? selected;
  }
  return selected;
}

function filtersAt(spec: ParameterOf<'AISpec'>, antenna: number): ParameterOf<'C1G2Filter'>[] {
  return parametersOf(spec, 'InventoryParameterSpec')
    .flatMap((inventory) => parametersOf(inventory, 'AntennaConfiguration'))
    .filter(({ AntennaID }) => AntennaID === 0 || AntennaID === antenna)
    .flatMap((configuration) => parametersOf(configuration, 'C1G2InventoryCommand'))
    .flatMap((command) => parametersOf(command, 'C1G2Filter'));
}

/** As bits: CRC, which nobody masks, PC with the EPC's length in words, EPC. */
function epcMemory(epcHex: string, epcBits: number): string {
  const words = Math.ceil(epcBits / 16);
  return (
    ''.padEnd(PC_AT, '0') +
    words
      .toString(2)
      .padStart(5, '0')
      .padEnd(EPC_AT - PC_AT, '0') +
    bitsOf(epcHex)
  );
}

function matches(memory: string, { MB, Pointer, TagMask }: ParameterOf<'C1G2TagInventoryMask'>): boolean {
  if (MB !== EPC_BANK) return false;
  const wanted = bitsOf(TagMask.hex).slice(0, TagMask.bits);
  return memory.slice(Pointer, Pointer + TagMask.bits) === wanted;
}

function bitsOf(hex: string): string {
  return [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
}
