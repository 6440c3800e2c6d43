import { useEffect, useRef } from 'react';

/** What stands between elements in a scan: GS1 General Specifications, 7.8.3 sends FNC1 as this character. */
const GROUP_SEPARATOR = '\u001d';

/** One scan, as the keys said it by the layout of this computer, and by where they are on a US keyboard. */
export interface WedgeScan {
  readonly byLayout: string;
  /** Most scanners press the keys of a US keyboard, whatever this computer takes them for. */
  readonly byPlace: string;
}

export type WedgeKey = Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>;

/** Slower than any scanner, quicker than a person: after such a pause a new scan begins, ms. */
const PAUSE_MS = 1_000;
const SHORTEST = 4;

/** Collects the keys of a scanner that types like a keyboard, up to Enter or Tab. */
export class Wedge {
  #byLayout = '';
  #byPlace = '';
  #last = 0;

  /** @returns the scan that this key ends; null while there is none */
  press(key: WedgeKey, at: number): WedgeScan | null {
    if (at - this.#last > PAUSE_MS) this.#clear();
    this.#last = at;
    if (key.key === 'Enter' || key.key === 'Tab') {
      const scan = { byLayout: this.#byLayout, byPlace: this.#byPlace };
      this.#clear();
      return scan.byLayout.length >= SHORTEST || scan.byPlace.length >= SHORTEST ? scan : null;
    }
    if (isSeparator(key)) {
      this.#byLayout += GROUP_SEPARATOR;
      this.#byPlace += GROUP_SEPARATOR;
    } else if (!key.ctrlKey && !key.metaKey && !key.altKey) {
      if (key.key.length === 1) this.#byLayout += key.key;
      this.#byPlace += usKey(key) ?? '';
    } else if (key.key.length === 1 && !key.ctrlKey && !key.metaKey) this.#byLayout += key.key;
    return null;
  }

  #clear(): void {
    this.#byLayout = '';
    this.#byPlace = '';
  }
}

/** How keyboard wedges type the group separator: Ctrl+], or F8 as many are set up. */
function isSeparator({ key, code, ctrlKey }: WedgeKey): boolean {
  return key === GROUP_SEPARATOR || key === 'F8' || (ctrlKey && (key === ']' || code === 'BracketRight'));
}

/** What a US keyboard has at a place (UI Events KeyboardEvent code Values), plain and with Shift. */
const US: Readonly<Record<string, string>> = {
  ...{ Minus: '-_', Equal: '=+', BracketLeft: '[{', BracketRight: ']}', Backslash: '\\|', Semicolon: ';:' },
  ...{ Quote: '\'"', Backquote: '`~', Comma: ',<', Period: '.>', Slash: '/?', Space: '  ' },
  ...Object.fromEntries([...'0123456789'].map((digit, at) => [`Digit${digit}`, digit + (')!@#$%^&*('[at] ?? '')])),
  ...Object.fromEntries([...'0123456789'].map((digit) => [`Numpad${digit}`, digit + digit])),
  ...Object.fromEntries([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((one) => [`Key${one}`, one.toLowerCase() + one])),
};

function usKey({ code, shiftKey }: WedgeKey): string | undefined {
  return US[code]?.[shiftKey ? 1 : 0];
}

/** Hears a scanner wherever the focus is, but in a field. */
export function useWedge(onScan: (scan: WedgeScan) => void): void {
  const take = useRef(onScan);
  take.current = onScan;
  useEffect(() => {
    const wedge = new Wedge();
    const hear = (event: KeyboardEvent) => {
      const { target } = event;
      if (target instanceof HTMLElement && target.closest('input, textarea, select') !== null) return;
      const scan = wedge.press(event, event.timeStamp);
      if (scan === null) return;
      // Enter would press the button that has the focus.
      event.preventDefault();
      take.current(scan);
    };
    // Before the page's own keys.
    document.addEventListener('keydown', hear, { capture: true });
    return () => document.removeEventListener('keydown', hear, { capture: true });
  }, []);
}
