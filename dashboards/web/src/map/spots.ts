/** Something at a point of the picture, px. */
export interface Marked<T> {
  readonly what: T;
  readonly at: readonly [number, number];
}

/** Marks that lie on each other: the first is the one on top, and where they are drawn. */
export interface Spot<T> {
  readonly at: readonly [number, number];
  readonly all: readonly [T, ...T[]];
}

/**
 * Joins marks that would hide each other. Each joins the first spot that it lies on, or begins one of its own, in the order
 * given: what is most urgent comes first and stays where it is.
 *
 * @param apartPx closer than this in both directions is on each other
 */
export function spotsOf<T>(marks: readonly Marked<T>[], apartPx: number): readonly Spot<T>[] {
  const spots: { readonly at: readonly [number, number]; readonly all: [T, ...T[]] }[] = [];
  const cells = new Map<string, (typeof spots)[number][]>();
  for (const { what, at } of marks) {
    const [column, row] = at.map((px) => Math.floor(px / apartPx)) as [number, number];
    const near = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].flatMap((dy) => cells.get(`${column + dx} ${row + dy}`) ?? []));
    const on = near.find((spot) => spot.at.every((px, axis) => Math.abs(px - (at[axis] ?? 0)) < apartPx));
    if (on !== undefined) {
      on.all.push(what);
      continue;
    }
    const spot: (typeof spots)[number] = { at, all: [what] };
    spots.push(spot);
    const key = `${column} ${row}`;
    cells.set(key, [...(cells.get(key) ?? []), spot]);
  }
  return spots;
}
