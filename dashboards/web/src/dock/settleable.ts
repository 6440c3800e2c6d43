import type { DifferenceView } from '../../../api/index.ts';

/** Every serial that a difference is about: of a wrong serial also the listed one in whose place it came. */
export function concerned({ serials, insteadOf }: DifferenceView): readonly string[] {
  return [...serials, ...insteadOf];
}

/** Open differences of which every serial is accounted for; one of which a serial is not stays open. */
export function coveredBy(lines: readonly DifferenceView[], done: ReadonlySet<string>): DifferenceView[] {
  return lines.filter((line) => line.state === 'open' && concerned(line).every((epc) => done.has(epc)));
}

/** Of what these differences are about, what was taken off. */
export function takenOffOf(lines: readonly DifferenceView[], off: ReadonlySet<string>): string[] {
  return lines.flatMap(({ serials }) => serials.filter((epc) => off.has(epc)));
}
