import { type AirPiece, type GoodsGroup, serverText, type TamperRule } from '../../domain/index.ts';
import type { Span } from './course.ts';
import { type Judge, NOTHING } from './found.ts';

interface Sign {
  readonly at: number;
  readonly text: string;
}

/** tamper (docs/rules.md): from the first sign on the way that a seal did not hold, for good. */
export const judgeTamper: Judge<TamperRule> = (rule, group, judged) => {
  const { left, came } = group.way;
  const from = Math.max(judged.from, left ?? judged.sealed);
  const to = Math.min(judged.to, came ?? Number.POSITIVE_INFINITY);
  // A pallet that has come is unpacked while others of its shipment are on the way.
  const cut = came !== null && came <= judged.to ? 'shipment' : judged.cut;
  const signs = signsOf(rule, group, { from, to }, { ...judged, cut });
  const [first] = signs;
  if (first === undefined) return NOTHING;
  const found = {
    from: first.at,
    to: null,
    endedBy: null,
    extreme: signs.length,
    limit: 0,
    minutes: null,
    facts: signs,
  };
  return { ...NOTHING, found: [found] };
};

function signsOf(
  { light, shock, opened }: TamperRule,
  group: GoodsGroup,
  span: Span,
  { openings, cut }: Parameters<Judge<TamperRule>>[2],
): Sign[] {
  // What is measured at the very end of a version or shipment is the next one's.
  const isIn = (at: number) => at >= span.from && (cut === null ? at <= span.to : at < span.to);
  const told = (pieces: readonly AirPiece[], limit: number, text: (most: number) => string): Sign[] =>
    runsAtOrAbove(pieces, limit)
      .filter(({ at }) => isIn(at))
      .map(({ at, most }) => ({ at, text: text(most) }));
  const lit = told(group.own.get('light') ?? [], light, (most) =>
    serverText('found.tamper.light', { lux: rounded(most) }),
  );
  const shaken =
    shock === undefined
      ? []
      : told(group.own.get('shock') ?? [], shock, (most) => serverText('found.tamper.shock', { g: rounded(most) }));
  const taken = opened
    ? openings
        .filter(({ at, epcs }) => isIn(at) && group.epcs.some((epc) => epcs.has(epc)))
        .map(({ at, unit }) => ({ at, text: serverText('found.tamper.opened', { unit }) }))
    : [];
  return [...lit, ...shaken, ...taken].sort((a, b) => a.at - b.at || (a.text < b.text ? -1 : 1));
}

/** Maximal runs of pieces at or above a limit: light that goods leave with is no sign until it was dark. */
function runsAtOrAbove(pieces: readonly AirPiece[], limit: number): { readonly at: number; readonly most: number }[] {
  const runs: { at: number; most: number; to: number }[] = [];
  for (const { from, to, max } of pieces) {
    if (max === null || max < limit) continue;
    const last = runs.at(-1);
    if (last !== undefined && from <= last.to) {
      last.to = Math.max(last.to, to);
      last.most = Math.max(last.most, max);
    } else runs.push({ at: from, most: max, to });
  }
  return runs;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
