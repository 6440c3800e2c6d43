import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import css from './ScanField.module.css';

/** What stands between elements in a scan: GS1 General Specifications, 7.8.3 sends FNC1 as this character. */
export const GROUP_SEPARATOR = '\u001d';

/**
 * A field for a scanner that types like a keyboard: it has the focus, takes what is typed from anywhere on the screen,
 * gives what it has at Enter, and what comes next takes the place of the last.
 *
 * @param onScan what was scanned or pasted, without space around it, never empty
 */
export function ScanField({
  label,
  hint,
  action,
  onScan,
}: {
  label: string;
  hint: string;
  action: string;
  onScan: (text: string) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');

  useEffect(() => {
    field.current?.focus();
    const take = ({ key, target, ctrlKey, metaKey, altKey }: globalThis.KeyboardEvent) => {
      const isTyping = target instanceof HTMLElement && target.closest('input, textarea, select') !== null;
      if (!isTyping && key.length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey) field.current?.focus();
    };
    document.addEventListener('keydown', take);
    return () => document.removeEventListener('keydown', take);
  }, []);

  return (
    <form
      className={css.scan}
      onSubmit={(event) => {
        event.preventDefault();
        const given = text.trim();
        if (given !== '') onScan(given);
        field.current?.focus();
        field.current?.select();
      }}
    >
      <label>
        {label}
        <input
          ref={field}
          value={text}
          placeholder={hint}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          onChange={(event) => setText(event.currentTarget.value)}
          onPaste={(event) => {
            // A field of one line would join the lines of a list.
            const pasted = event.clipboardData.getData('text');
            if (!/[\r\n]/.test(pasted)) return;
            event.preventDefault();
            setText(pasted.trim().replace(/\s+/g, ' '));
          }}
          onFocus={(event) => event.currentTarget.select()}
          onKeyDown={(event) => {
            if (!isSeparator(event)) return;
            event.preventDefault();
            const { selectionStart, selectionEnd, value } = event.currentTarget;
            const from = selectionStart ?? value.length;
            setText(value.slice(0, from) + GROUP_SEPARATOR + value.slice(selectionEnd ?? from));
          }}
        />
      </label>
      <button type="submit" className={`big-button ${css.scanDo}`}>
        {action}
      </button>
    </form>
  );
}

/** How keyboard wedges type the group separator: Ctrl+], or F8 as many are set up. */
export function isSeparator({ key, code, ctrlKey }: KeyboardEvent): boolean {
  return key === GROUP_SEPARATOR || key === 'F8' || (ctrlKey && (key === ']' || code === 'BracketRight'));
}
