import { serverText, serverWords, type WeakReadsRule, type Words } from '../../../domain/index.ts';
import type { FoundGoods, PassFacts, PassKind } from '../pass-facts.ts';
import { MOST_OBSERVATIONS, medianOf, oddFrom, type ShareSeries, type Usual, usualOf } from '../usual/index.ts';

/** The pass with which a door or an antenna has come to read far less than it usually does (docs/rules.md, "kind: weakReads"). */
export const weakReads: PassKind<WeakReadsRule> = {
  find: (rule, facts) => {
    const { outcome, evidence } = facts;
    const weak = weakIn(rule, facts);
    if (weak.length === 0) return [];
    const status = weak.map(({ name }) => name).join(', ');
    const told = weak.map(({ name, recent, usual }) => ({
      at: evidence.pass.from,
      text: serverText('found.weakReads.fact', {
        ...{ what: name, recent: Math.round(recent), passes: rule.passes },
        ...{ usual: Math.round(usual.median ?? 0), mad: Math.round(usual.mad ?? 0), before: usual.observations },
      }),
    }));
    return outcome.reads
      .filter(({ status: read }) => read !== 'stray')
      .map(({ epc }): FoundGoods => ({ epc, status, facts: told }));
  },
  say: (rule, _, facts) => {
    const weak = weakIn(rule, facts);
    const [first] = weak;
    const shares = { recent: Math.round(first?.recent ?? 0), usual: Math.round(first?.usual.median ?? 0) };
    const what = weak.length === 1 ? (first?.words ?? first?.name ?? '') : weak.map(({ name }) => name).join(', ');
    const values = { ...shares, what, antenna: first?.isAntenna === false ? 'no' : 'yes' };
    return { key: 'found.weakReads', values };
  },
};

interface Weak {
  readonly name: string;
  /** Of an antenna its name by key. */
  readonly words: Words | null;
  readonly isAntenna: boolean;
  readonly recent: number;
  readonly usual: Usual;
}

/** What is weak with this pass and was not with the one before. */
function weakIn(rule: WeakReadsRule, { shares, evidence, portal }: PassFacts): Weak[] {
  return shares.flatMap((series): Weak[] => {
    if (series.shares[0]?.pass !== evidence.pass.id) return [];
    const weak = weakAt(rule, series, 0);
    if (weak === null || weakAt(rule, series, 1) !== null) return [];
    const { antenna } = series;
    const words: Words | null = antenna && {
      key: 'found.weakReads.antenna',
      values: { reader: antenna.reader, portal: portal.name, antenna: String(antenna.antenna) },
    };
    return [{ name: words === null ? portal.name : serverWords(words), words, isAntenna: antenna !== null, ...weak }];
  });
}

/** @param index 0 with the pass itself, 1 with the one before */
export function weakAt({ below, passes, learnt }: WeakReadsRule, { shares }: ShareSeries, index: number) {
  const values = shares.slice(index).map(({ value }) => value);
  const recent = medianOf(values.slice(0, passes));
  const usual = usualOf(values.slice(passes, passes + MOST_OBSERVATIONS));
  const odd = oddFrom(usual, learnt);
  if (recent === null || odd === null || usual.median === null) return null;
  // A median of several passes wavers less than one pass does.
  const isFar = recent < (usual.median * below) / 100 && recent < usual.median - odd * Math.sqrt(Math.PI / 2 / passes);
  return isFar ? { recent, usual } : null;
}
