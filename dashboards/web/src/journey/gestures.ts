import { type Extent, panned, viewOf, WHOLE, zoomed } from './view.ts';
import type { ViewStore } from './view-store.ts';

/** Beside the time axis: the scale on the left, a little room on the right; px. */
export const GUTTER = { left: 48, right: 8 };

/** A notch of a wheel. */
const WHEEL_ZOOM = 1.0016;
const KEY_ZOOM = 1.6;
const CURSOR_STEPS = 120;
/** A drag of so few pixels was a click. */
const CLICK_PX = 5;
/** A wheel that was turned to scroll the page goes on scrolling it, whatever comes under the pointer. */
const SCROLLING_MS = 400;

export interface GestureHooks {
  /** While a stretch is being dragged over, px from the left of the element; null: no more. */
  readonly onSelection: (selection: { readonly from: number; readonly to: number } | null) => void;
}

/**
 * Wheel, pinch, drag and keys on whatever is drawn under the axis.
 *
 * @returns takes them off again
 */
export function gesturesOn(element: HTMLElement, store: ViewStore, { onSelection }: GestureHooks): () => void {
  const state = () => store.state();
  const plotWidth = () => Math.max(1, element.clientWidth - GUTTER.left - GUTTER.right);
  const shareOf = (clientX: number) =>
    Math.min(1, Math.max(0, (clientX - element.getBoundingClientRect().left - GUTTER.left) / plotWidth()));
  const timeAt = (clientX: number, { from, to }: Extent = state().shown) => from + shareOf(clientX) * (to - from);

  const wheel = wheelOn(element, { store, timeAt, plotWidth });
  const keys = (event: KeyboardEvent) => {
    if (event.target !== element || event.altKey || event.ctrlKey || event.metaKey) return;
    if (keyed(event, store)) event.preventDefault();
  };

  const touches = new Map<number, number>();
  let drag: { readonly id: number; readonly from: number; readonly kind: 'select' | 'pan'; last: number } | null = null;

  const down = (event: PointerEvent) => {
    if (event.target instanceof Element && event.target.closest('a, button, input, summary') !== null) return;
    if (event.pointerType === 'mouse') {
      if (event.button !== 0) return;
      drag = { id: event.pointerId, from: event.clientX, kind: event.shiftKey ? 'pan' : 'select', last: event.clientX };
      element.setPointerCapture(event.pointerId);
      return;
    }
    touches.set(event.pointerId, event.clientX);
    if (touches.size === 2) element.setPointerCapture(event.pointerId);
  };

  const move = (event: PointerEvent) => {
    if (touches.has(event.pointerId)) {
      touched(event);
      return;
    }
    if (drag?.id === event.pointerId) {
      if (drag.kind === 'pan') {
        const { view, bounds, shown } = state();
        const by = ((drag.last - event.clientX) / plotWidth()) * (shown.to - shown.from);
        store.setView(panned(view, bounds, by));
        drag.last = event.clientX;
      } else if (Math.abs(event.clientX - drag.from) > CLICK_PX) {
        const { left } = element.getBoundingClientRect();
        const [from, to] = [drag.from, event.clientX]
          .map((x) => GUTTER.left + shareOf(x) * plotWidth())
          .sort(ascending);
        onSelection({ from: from ?? left, to: to ?? left });
      }
    }
    if (event.pointerType === 'mouse') store.setCursor({ at: timeAt(event.clientX), by: 'pointer' });
  };

  const touched = (event: PointerEvent) => {
    const before = [...touches.values()];
    const beforeThis = touches.get(event.pointerId) ?? event.clientX;
    touches.set(event.pointerId, event.clientX);
    const after = [...touches.values()];
    const { view, bounds, shown } = state();
    if (after.length === 1) {
      store.setView(panned(view, bounds, ((beforeThis - event.clientX) / plotWidth()) * (shown.to - shown.from)));
      return;
    }
    const [a = 0, b = 0] = before;
    const [c = 0, d = 0] = after;
    const factor = Math.max(Math.abs(a - b), 8) / Math.max(Math.abs(c - d), 8);
    const closer = zoomed(view, bounds, factor, timeAt((c + d) / 2));
    const by = (((a + b - c - d) / 2) * (shown.to - shown.from) * factor) / plotWidth();
    store.setView(panned(closer, bounds, by));
  };

  const up = (event: PointerEvent) => {
    if (touches.delete(event.pointerId)) {
      store.setCursor({ at: timeAt(event.clientX), by: 'pointer' });
      return;
    }
    if (drag?.id !== event.pointerId) return;
    const { from, kind } = drag;
    drag = null;
    onSelection(null);
    if (kind !== 'select' || event.type === 'pointercancel' || Math.abs(event.clientX - from) <= CLICK_PX) return;
    const [begin = 0, end = 0] = [timeAt(from), timeAt(event.clientX)].sort(ascending);
    store.setView(viewOf({ from: begin, to: end }, state().bounds));
  };

  const leave = (event: PointerEvent) => {
    if (event.pointerType === 'mouse') store.setCursor(null);
  };
  const whole = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('a, button') === null) store.setView(WHOLE);
  };

  const off = [
    on(element, 'keydown', keys),
    on(element, 'pointerdown', down),
    on(element, 'pointermove', move),
    on(element, 'pointerup', up),
    on(element, 'pointercancel', up),
    on(element, 'pointerleave', leave),
    on(element, 'dblclick', whole),
    wheel,
  ];
  return () => {
    for (const take of off) take();
  };
}

interface WheelParts {
  readonly store: ViewStore;
  readonly timeAt: (clientX: number) => number;
  readonly plotWidth: () => number;
}

/** Up: closer, down: farther; across, or with Shift: earlier and later. Where nothing is left to show the page scrolls. */
function wheelOn(element: HTMLElement, { store, timeAt, plotWidth }: WheelParts): () => void {
  let scrolledAt = Number.NEGATIVE_INFINITY;
  const scrolled = () => {
    scrolledAt = performance.now();
  };
  const moved = () => {
    scrolledAt = Number.NEGATIVE_INFINITY;
  };
  const turned = (event: WheelEvent) => {
    const isPinch = event.ctrlKey || event.metaKey;
    if (!isPinch && performance.now() - scrolledAt < SCROLLING_MS) return;
    const { view, bounds, shown } = store.state();
    const px = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    const isAcross = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const next = isAcross
      ? panned(view, bounds, ((across * px) / plotWidth()) * (shown.to - shown.from))
      : zoomed(view, bounds, WHEEL_ZOOM ** (event.deltaY * px * (isPinch ? 4 : 1)), timeAt(event.clientX));
    if (next.from === view.from && next.to === view.to && !isPinch) return;
    event.preventDefault();
    store.setView(next);
  };
  window.addEventListener('scroll', scrolled, { passive: true, capture: true });
  element.addEventListener('pointermove', moved);
  element.addEventListener('wheel', turned, { passive: false });
  return () => {
    window.removeEventListener('scroll', scrolled, { capture: true });
    element.removeEventListener('pointermove', moved);
    element.removeEventListener('wheel', turned);
  };
}

/** @returns whether the key means something here */
function keyed({ key, shiftKey }: KeyboardEvent, store: ViewStore): boolean {
  const { view, bounds, shown, cursor } = store.state();
  const span = shown.to - shown.from;
  const at = cursor?.at ?? (shown.from + shown.to) / 2;
  const point = (to: number) => {
    const within = Math.min(Math.max(to, bounds.from), bounds.to);
    store.setCursor({ at: within, by: 'key' });
    if (within < shown.from) store.setView(panned(view, bounds, within - shown.from - span / 10));
    if (within > shown.to) store.setView(panned(view, bounds, within - shown.to + span / 10));
  };
  const way = key === 'ArrowRight' || key === 'PageDown' ? 1 : -1;
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowRight':
      if (shiftKey) store.setView(panned(view, bounds, (way * span) / 4));
      else point(at + (way * span) / CURSOR_STEPS);
      return true;
    case 'PageUp':
    case 'PageDown':
      store.setView(panned(view, bounds, way * span));
      return true;
    case '+':
    case '=':
      store.setView(zoomed(view, bounds, 1 / KEY_ZOOM, at));
      return true;
    case '-':
    case '_':
      store.setView(zoomed(view, bounds, KEY_ZOOM, at));
      return true;
    case '0':
      store.setView(WHOLE);
      return true;
    case 'Home':
      point(bounds.from);
      return true;
    case 'End':
      point(bounds.to);
      return true;
    case 'Escape':
      store.setCursor(null);
      return cursor !== null;
    default:
      return false;
  }
}

function on<K extends keyof HTMLElementEventMap>(
  element: HTMLElement,
  type: K,
  listener: (event: HTMLElementEventMap[K]) => void,
): () => void {
  element.addEventListener(type, listener);
  return () => element.removeEventListener(type, listener);
}

function ascending(a: number, b: number): number {
  return a - b;
}
