import { VisuallyHidden } from '@mantine/core';
import { say } from '../text/say.ts';
import { type DiffLine, lineDiff } from './line-diff.ts';
import css from './routing.module.css';

/** Unchanged lines that are shown around a change. */
const AROUND = 2;
const MARKS = { same: ' ', gone: '−', new: '+' } as const;

/** What is other in a text, line by line. */
export function Diff({ before, after }: { before: string; after: string }) {
  const lines = lineDiff(before, after).map((line, at) => ({ ...line, at }));
  const changed = lines.filter(({ kind }) => kind !== 'same');
  if (changed.length === 0) return <p className="muted">{say('routing.diff.same')}</p>;
  const isNear = (at: number) => changed.some((one) => Math.abs(one.at - at) <= AROUND);
  return (
    <ol className={css.diff}>
      {lines
        .filter(({ at }) => isNear(at))
        .map((line) => (
          <li key={line.at} data-kind={line.kind}>
            <span aria-hidden="true">{MARKS[line.kind]}</span>
            <VisuallyHidden>{wordOf(line)}</VisuallyHidden>
            <code>{line.text}</code>
          </li>
        ))}
    </ol>
  );
}

function wordOf({ kind }: DiffLine): string {
  return kind === 'same' ? '' : kind === 'gone' ? say('routing.diff.gone') : say('routing.diff.new');
}
