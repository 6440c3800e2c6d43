/** A line of two texts: in both, only in the earlier, or only in the later. */
export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Longer texts are compared by what they begin and end with alike. */
const MOST_CELLS = 4_000_000;

/** What became of the lines of a text: the longest common subsequence, so that a moved block shows as gone and new. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const [inA, inB] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  return [...a.slice(0, head).map(same), ...middle(inA, inB), ...a.slice(a.length - tail).map(same)];
}

function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const all = (lines: readonly string[], kind: 'gone' | 'new') => lines.map((text) => ({ kind, text }));
  if (a.length * b.length > MOST_CELLS) return [...all(a, 'gone'), ...all(b, 'new')];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const found: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      found.push({ kind: 'same', text: a[i] ?? '' });
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) found.push({ kind: 'gone', text: a[i++] ?? '' });
    else found.push({ kind: 'new', text: b[j++] ?? '' });
  }
  return [...found, ...all(a.slice(i), 'gone'), ...all(b.slice(j), 'new')];
}
