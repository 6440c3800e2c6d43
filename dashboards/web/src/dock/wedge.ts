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
  /** Digits typed with Alt held: how Windows takes a character by its number. */
  #alt = '';
  #last = 0;

  /** @returns the scan that this key ends; null while there is none */
  press(key: WedgeKey, at: number): WedgeScan | null {
    if (at - this.#last > PAUSE_MS) this.#clear();
    this.#last = at;
    if (!key.altKey && Number(this.#alt) === GROUP_SEPARATOR.charCodeAt(0)) this.#separate();
    if (!key.altKey) this.#alt = '';
    if (key.key === 'Enter' || key.key === 'Tab') {
      const scan = { byLayout: this.#byLayout, byPlace: this.#byPlace };
      this.#clear();
      return scan.byLayout.length >= SHORTEST || scan.byPlace.length >= SHORTEST ? scan : null;
    }
    const altDigit = key.altKey && !key.ctrlKey ? /^(?:Numpad|Digit)(\d)$/.exec(key.code)?.[1] : undefined;
    if (altDigit !== undefined) {
      this.#alt += altDigit;
      return null;
    }
    if (isSeparator(key)) this.#separate();
    else if (key.key.length === 1 && !key.metaKey && key.ctrlKey === key.altKey) {
      // Ctrl with Alt is AltGr.
      this.#byLayout += key.key;
      this.#byPlace += usKey(key) ?? '';
    }
    return null;
  }

  #separate(): void {
    this.#byLayout += GROUP_SEPARATOR;
    this.#byPlace += GROUP_SEPARATOR;
  }

  #clear(): void {
    this.#alt = '';
    this.#byLayout = '';
    this.#byPlace = '';
  }
}

/** How keyboard wedges type the group separator: Ctrl+], or F8 as many are set up. AltGr, which types ] on a German keyboard, is not Ctrl. */
function isSeparator({ key, code, ctrlKey, altKey }: WedgeKey): boolean {
  const isControl = ctrlKey && !altKey && (key === ']' || code === 'BracketRight');
  return key === GROUP_SEPARATOR || key === 'F8' || isControl;
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
