/** Event time, epoch ms UTC. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Stretches that overlap each other are asked about together. @returns disjoint ones by time, each with those that it is made of */
export function joined<Of extends Stretch>(stretches: readonly Of[]): (Stretch & { readonly of: readonly Of[] })[] {
  const all: { from: number; to: number; of: Of[] }[] = [];
  for (const one of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last === undefined || one.from > last.to) all.push({ from: one.from, to: one.to, of: [one] });
    else {
      last.to = Math.max(last.to, one.to);
      last.of.push(one);
    }
  }
  return all;
}
