import { type KeyboardEvent, type RefObject, useLayoutEffect, useRef } from 'react';

/** As much of a row as its keys have to know. */
interface KeyedLine {
  readonly kind: 'group' | 'serial' | 'alone';
  readonly key: string;
  readonly group: { readonly key: string };
  readonly isOpen?: boolean;
}

interface RowKeys {
  readonly lines: readonly KeyedLine[];
  /** The row that the keys are at. */
  readonly at: number;
  readonly scroller: RefObject<HTMLElement | null>;
  /** Another row; it is drawn after that. */
  readonly onMove: (index: number) => void;
  readonly onToggle: (key: string) => void;
}

const PAGE = 10;

/**
 * The keys of a treegrid (ARIA Authoring Practices): arrows up and down move, right opens a group, left closes it or goes
 * back to it, Enter opens or follows the link of a serial.
 */
export function useRowKeys({ lines, at, scroller, onMove, onToggle }: RowKeys): (event: KeyboardEvent) => void {
  const isMoving = useRef(false);
  useLayoutEffect(() => {
    if (!isMoving.current) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${at}"]`);
    if (row == null) return;
    isMoving.current = false;
    row.focus({ preventScroll: true });
  });

  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const line = lines[at];
    const row = event.target;
    if (line === undefined || !(row instanceof HTMLElement)) return;
    const moved = movedTo(event.key, at, lines);
    if (moved !== null) {
      event.preventDefault();
      isMoving.current = true;
      onMove(moved);
    } else if (line.kind === 'group' && isToggle(event.key, line, row)) {
      event.preventDefault();
      onToggle(line.key);
    } else if (event.key === 'Enter' && line.kind !== 'group' && row.tagName === 'TR') {
      row.querySelector('a')?.click();
    }
  };
}

function movedTo(key: string, at: number, lines: readonly KeyedLine[]): number | null {
  const within = (index: number) => Math.max(0, Math.min(lines.length - 1, index));
  const line = lines[at];
  switch (key) {
    case 'ArrowDown':
      return within(at + 1);
    case 'ArrowUp':
      return within(at - 1);
    case 'PageDown':
      return within(at + PAGE);
    case 'PageUp':
      return within(at - PAGE);
    case 'Home':
      return 0;
    case 'End':
      return lines.length - 1;
    case 'ArrowRight':
      return line?.kind === 'group' && line.isOpen === true ? within(at + 1) : null;
    case 'ArrowLeft':
      return line?.kind === 'serial'
        ? lines.findIndex((one) => one.kind === 'group' && one.key === line.group.key)
        : null;
    default:
      return null;
  }
}

function isToggle(key: string, { isOpen = false }: KeyedLine, target: HTMLElement): boolean {
  if (key === 'ArrowRight') return !isOpen;
  if (key === 'ArrowLeft') return isOpen;
  // A button takes these itself.
  return (key === 'Enter' || key === ' ') && target.tagName === 'TR';
}
