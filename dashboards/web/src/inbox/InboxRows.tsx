import { useEffect, useRef } from 'react';
import type { AlertView } from '../../../api/index.ts';
import { AlertLink } from '../alert/AlertRows.tsx';
import { say } from '../text/say.ts';
import { headline } from '../words/alert.ts';
import css from './Inbox.module.css';
import { Told } from './Told.tsx';
import { useRowWindow } from './useRowWindow.ts';

interface InboxRowsProps {
  readonly rows: readonly AlertView[];
  readonly now: number;
  readonly isNew: (id: string) => boolean;
  readonly isGone: (id: string) => boolean;
  readonly selected: ReadonlySet<string>;
  /** Whether there is anything to select for. */
  readonly mayAct: boolean;
  readonly onSelect: (id: string) => void;
  /** The row that the keyboard is on; -1: on none. */
  readonly cursor: number;
  /** The end of what is loaded comes near. */
  readonly onEnd: () => void;
}

/** The alerts of the inbox; of thousands only those near the window are drawn. */
export function InboxRows(props: InboxRowsProps) {
  const { rows, now, isNew, isGone, selected, mayAct, onSelect, cursor, onEnd } = props;
  const list = useRef<HTMLUListElement>(null);
  const { first, end, rowHeight } = useRowWindow(list, rows.length);
  const isNearEnd = end >= rows.length;
  const reach = useRef(onEnd);
  useEffect(() => {
    reach.current = onEnd;
  });
  // Also when what was loaded fills no window.
  // biome-ignore lint/correctness/useExhaustiveDependencies: more rows may end near the window again
  useEffect(() => {
    if (isNearEnd) reach.current();
  }, [isNearEnd, rows.length]);
  useEffect(() => {
    const element = list.current;
    if (cursor < 0 || element === null) return;
    const top = element.getBoundingClientRect().top + cursor * rowHeight;
    // What stands fixed above and below the rows must not cover it.
    if (top < 80 || top + rowHeight > innerHeight - 90) scrollBy({ top: top - innerHeight / 2 });
    // It may be drawn only once the window is there.
    const frame = requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        element.querySelector<HTMLElement>(`[data-row="${cursor}"] a`)?.focus({ preventScroll: true }),
      ),
    );
    return () => cancelAnimationFrame(frame);
  }, [cursor, rowHeight]);

  return (
    <ul
      ref={list}
      className={`panel ${css.rows}`}
      aria-label={say('inbox.rows')}
      style={{ paddingTop: first * rowHeight, paddingBottom: Math.max(0, rows.length - end) * rowHeight }}
    >
      {rows.slice(first, end).map((alert, nth) => {
        const index = first + nth;
        const isSelected = selected.has(alert.id);
        return (
          <li
            key={alert.id}
            data-row={index}
            aria-setsize={rows.length}
            aria-posinset={index + 1}
            className={`${css.row} ${isSelected ? css.selected : ''} ${isGone(alert.id) ? css.gone : ''} ${index === cursor ? css.cursor : ''}`}
          >
            {mayAct ? (
              <label className={css.check}>
                <input
                  type="checkbox"
                  aria-label={say('inbox.select', { headline: headline(alert, now) })}
                  checked={isSelected}
                  onChange={() => onSelect(alert.id)}
                />
              </label>
            ) : (
              <span />
            )}
            <AlertLink
              alert={alert}
              now={now}
              isNew={isNew(alert.id)}
              note={isGone(alert.id) ? say('inbox.gone') : null}
            />
            <Told alert={alert} name={headline(alert, now)} />
          </li>
        );
      })}
    </ul>
  );
}
