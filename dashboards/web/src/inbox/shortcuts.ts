import { useEffect, useRef, useState } from 'react';
import type { TextKey } from '../text/say.ts';

/** The keys of the inbox, in the order in which they are explained. */
export const SHORTCUTS = {
  j: 'inbox.key.next',
  k: 'inbox.key.previous',
  x: 'inbox.key.select',
  a: 'inbox.acknowledge',
  s: 'inbox.snooze',
  e: 'inbox.assign',
  r: 'inbox.resolve',
  '?': 'inbox.key.help',
} as const satisfies Readonly<Record<string, TextKey>>;
export type Shortcut = keyof typeof SHORTCUTS;

/** Kept in the browser: who speaks to the computer, or hits keys by accident, turns them off (WCAG 2.2, 2.1.4). */
const CHOICE = 'isotherm.shortcuts';

/** Calls for a key of the inbox; never while somebody types, holds another key down, or a dialog is open. */
export function useShortcuts(onKey: (key: Shortcut | 'Escape') => void) {
  const [isOn, setOn] = useState(() => localStorage.getItem(CHOICE) !== 'off');
  const latest = useRef(onKey);
  useEffect(() => {
    latest.current = onKey;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isBusy(event.target)) return;
      const { key } = event;
      if (key === 'Escape') latest.current(key);
      else if (isOn && isShortcut(key)) {
        event.preventDefault();
        latest.current(key);
      }
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [isOn]);
  return {
    isOn,
    toggle: () => {
      localStorage.setItem(CHOICE, isOn ? 'off' : 'on');
      setOn(!isOn);
    },
  };
}

function isShortcut(key: string): key is Shortcut {
  return Object.hasOwn(SHORTCUTS, key);
}

/** Somebody types there, or chooses. */
function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('dialog[open], [role="menu"]') !== null) return true;
  if (!(target instanceof HTMLElement)) return false;
  const isBox = target instanceof HTMLInputElement && ['checkbox', 'radio', 'button'].includes(target.type);
  return !isBox && (target.isContentEditable || target.matches('input, textarea, select'));
}
