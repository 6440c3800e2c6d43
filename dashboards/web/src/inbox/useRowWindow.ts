import { type RefObject, useLayoutEffect, useState } from 'react';

/** Rows drawn beyond the edges of the window, so that none is missing while it is scrolled. */
const BEYOND = 12;

export interface RowWindow {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
  readonly rowHeight: number;
}

/**
 * Which rows of a long list are near the window: the others are blank space of their height, and cost nothing.
 *
 * @param list the list; its rows are as high as its `--row-height` says, px
 */
export function useRowWindow(list: RefObject<HTMLElement | null>, rows: number): RowWindow {
  const [seen, setSeen] = useState<RowWindow>({ first: 0, end: 40, rowHeight: 64 });
  useLayoutEffect(() => {
    const look = () => {
      const element = list.current;
      if (element === null) return;
      const rowHeight = Number.parseFloat(getComputedStyle(element).getPropertyValue('--row-height')) || 64;
      const top = -element.getBoundingClientRect().top;
      const first = Math.max(0, Math.min(rows, Math.floor(top / rowHeight)) - BEYOND);
      const end = Math.min(rows, Math.ceil((top + innerHeight) / rowHeight) + BEYOND);
      setSeen((before) =>
        before.first === first && before.end === end && before.rowHeight === rowHeight
          ? before
          : { first, end: Math.max(first, end), rowHeight },
      );
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [list, rows]);
  return seen;
}
