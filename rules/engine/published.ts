import type { Finding, FindingChange } from '../../domain/index.ts';
import { changeOf, changesBetween, type Detection, findingOf } from './changes.ts';
import type { Draft } from './draft.ts';

/** What is the same for all findings of one watch that are published together. */
interface Origin {
  readonly key: string;
  readonly detection: Detection;
}

/** What was last published, per watch, by `from`; and what has become of it since. */
export class Published {
  readonly #findings = new Map<number, Finding[]>();

  /** Published by an earlier engine. */
  restore(watch: number, findings: readonly Finding[]): void {
    if (findings.length > 0) this.#findings.set(watch, [...findings]);
    else this.#findings.delete(watch);
  }

  last(watch: number): Finding | undefined {
    return this.#findings.get(watch)?.at(-1);
  }

  all(): Finding[] {
    return [...this.#findings.values()].flat().sort(compareFindings);
  }

  /** Publishes the drafts from `from` on in place of what was published of that time; what has changed goes `into` a list. */
  publish(
    watch: number,
    from: number,
    drafts: readonly Draft[],
    { key, detection }: Origin,
    into: FindingChange[],
  ): void {
    const published = this.#findings.get(watch) ?? [];
    const draft = drafts[drafts.length - 1];
    const before = published[published.length - 1];
    // Nearly always it is the last finding that has grown.
    if (draft !== undefined && before?.from === draft.from && draft.from === from) {
      const finding = findingOf(draft, key, before, detection);
      published[published.length - 1] = finding;
      const change = changeOf(before, finding);
      if (change !== null) into.push(change);
      return;
    }
    const earlier = published.splice(indexFrom(published, from));
    let at = 0;
    const later = drafts.slice(indexFrom(drafts, from)).map((draft) => {
      while (at < earlier.length && (earlier[at] as Finding).from < draft.from) at++;
      const before = earlier[at];
      return findingOf(draft, key, before?.from === draft.from ? before : undefined, detection);
    });
    for (const finding of later) published.push(finding);
    if (published.length > 0) this.#findings.set(watch, published);
    else this.#findings.delete(watch);
    for (const change of changesBetween(earlier, later)) into.push(change);
  }
}

/** Index of the first entry that begins at or after `from`, looking from the end, where changes are. */
function indexFrom(entries: readonly (Finding | Draft)[], from: number): number {
  let at = entries.length;
  while (at > 0 && (entries[at - 1] as Finding | Draft).from >= from) at--;
  return at;
}

/** By rule, key and from; text by UTF-16 code units. */
export function compareFindings(a: Finding, b: Finding): number {
  if (a.rule !== b.rule) return a.rule < b.rule ? -1 : 1;
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.from - b.from;
}
