import { createHash } from 'node:crypto';
import type { ProvenLeaf } from '../../storage/index.ts';

/** What a leaf states: of an audit entry the entry itself, of others their content. */
export interface Statement {
  readonly index: number;
  readonly said: Readonly<Record<string, unknown>>;
}

/** Leaves that were proven, found by what they are of. */
export class KnownLeaves {
  readonly #byId = new Map<string, Statement>();
  readonly #bySubject = new Map<string, Statement>();
  /** Of findings by the number of the change; of rules by id and version. */
  readonly #byChange = new Map<string, Statement>();
  count = 0;

  add({ index, kind, content }: ProvenLeaf): void {
    this.count++;
    if (content === null) return;
    const said = JSON.parse(content) as Statement['said'];
    const { id, subject, content: stated } = said as { id?: unknown; subject?: unknown; content?: Statement['said'] };
    const change = changeOf(kind, stated ?? {});
    if (kind === 'audit') this.#byId.set(String(id), { index, said });
    else if (change !== null) this.#byChange.set(change, { index, said: stated ?? {} });
    else this.#bySubject.set(String(subject), { index, said: stated ?? {} });
  }

  /** Of an audit entry as it is shown. @returns what does not fit, a line each */
  entryFaults(shown: Readonly<Record<string, unknown>>): string[] {
    const { id: shownId, at: shownAt } = shown as { id?: unknown; at?: unknown };
    const id = String(shownId);
    const leaf = this.#byId.get(id);
    if (leaf === undefined) return [`missing: the audit entry ${id} has no leaf among the proofs`];
    // Written in two ways: when it was.
    const { at } = leaf.said as { at?: unknown };
    const differing = Object.entries(leaf.said).filter(
      ([name, value]) => name !== 'v' && name !== 'at' && !fits(value, shown[name]),
    );
    if (moment(at) !== moment(shownAt)) differing.push(['at', null]);
    return differing.map(([name]) => `changed: leaf ${leaf.index} of the audit entry ${id} says another "${name}"`);
  }

  /** Of something that was signed. @param shown as the leaf names it; undefined members are not compared */
  subjectFaults(subject: string, shown: Readonly<Record<string, unknown>>): string[] {
    const leaf = this.#bySubject.get(subject);
    return differing(subject, leaf, leaf?.said, shown);
  }

  /** Of a revision of a finding. @param shown as the leaf names it, of the finding a part */
  revisionFaults(
    change: number,
    { finding, ...shown }: Readonly<Record<string, unknown>> & { readonly finding: object | null },
  ): string[] {
    const name = `finding ${change}`;
    const leaf = this.#byChange.get(name);
    const told = (leaf?.said.finding ?? {}) as Readonly<Record<string, unknown>>;
    return [
      ...differing(name, leaf, leaf?.said, shown),
      ...(leaf && finding ? differing(name, leaf, told, finding) : []),
    ];
  }

  /** Of a version of a rule. @param rule as it was shown */
  ruleFaults(id: string, version: number, rule: unknown): string[] {
    const name = `rule ${id} ${version}`;
    const leaf = this.#byChange.get(name);
    return differing(name, leaf, (leaf?.said as { fact?: { version?: Statement['said'] } })?.fact?.version, { rule });
  }

  /** Of a text whose hash the leaf has. */
  textFaults({ subject, text }: { readonly subject: string; readonly text: string }): string[] {
    const sha256 = createHash('sha256').update(text).digest('hex');
    return this.subjectFaults(
      subject,
      subject.startsWith('signature:') ? { signatureHash: sha256 } : { recordHash: sha256 },
    );
  }
}

/** What is shown and not said. @param said what the leaf states of it */
function differing(
  name: string,
  leaf: Statement | undefined,
  said: Statement['said'] | undefined,
  shown: object,
): string[] {
  if (leaf === undefined) return [`missing: ${name} has no leaf among the proofs`];
  return Object.entries(shown)
    .filter(([member, value]) => value !== undefined && !fits(said?.[member], value))
    .map(([member]) => `changed: leaf ${leaf.index} of ${name} says another "${member}"`);
}

/** What names a leaf of which its subject has many. */
function changeOf(kind: string, stated: Statement['said']): string | null {
  const { change, fact } = stated as {
    change?: unknown;
    fact?: { version?: { version?: unknown; rule?: { id?: unknown } } };
  };
  if (kind === 'finding') return `finding ${change}`;
  return kind === 'rule-version' ? `rule ${fact?.version?.rule?.id} ${fact?.version?.version}` : null;
}

/** As it was said, or with a personal value where its hash stands. */
function fits(said: unknown, shown: unknown): boolean {
  if (typeof said !== 'object' || said === null) return (said ?? null) === (shown ?? null);
  if (!Array.isArray(said) && 'personal' in said && Object.keys(said).length === 1) return true;
  if (typeof shown !== 'object' || shown === null || Array.isArray(said) !== Array.isArray(shown)) return false;
  const names = new Set([...Object.keys(said), ...Object.keys(shown)]);
  return [...names].every((name) =>
    fits((said as Record<string, unknown>)[name], (shown as Record<string, unknown>)[name]),
  );
}

/** Epoch ms of either form. */
function moment(value: unknown): number {
  return typeof value === 'number' ? value : Date.parse(String(value));
}
