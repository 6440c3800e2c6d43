import { useEffect, useRef, useState } from 'react';
import { useHeldScans } from './held-scans.ts';
import css from './ScanField.module.css';
import { GROUP_SEPARATOR, isSeparator } from './separator.ts';

/**
 * A field for a scanner that types like a keyboard: it has the focus, takes what is typed from anywhere on the screen,
 * gives what it has at Enter, and what comes next takes the place of the last. What was scanned for it before it was there is
 * the first that it gives.
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
  const held = useHeldScans();
  /** What stands in the field and was not given yet, and when it was typed. */
  const begun = useRef({ text: '', at: 0 });

  function type(typed: string, at: number) {
    begun.current = { text: typed, at };
    setText(typed);
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the field comes and when it goes
  useEffect(() => {
    if (held === null) return;
    const now = performance.now();
    const { scans, begun: half } = held.come(now);
    for (const scan of scans) onScan(scan.trim());
    // After the focus has chosen what stands in the field: the rest of the scan joins its beginning.
    if (half !== '') type(half, now);
    return () => held.go(begun.current.text, begun.current.at, performance.now());
  }, [held]);

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
        begun.current = { text: '', at: 0 };
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
          onChange={(event) => type(event.currentTarget.value, event.timeStamp)}
          onPaste={(event) => {
            // A field of one line would join the lines of a list.
            const pasted = event.clipboardData.getData('text');
            if (!/[\r\n]/.test(pasted)) return;
            event.preventDefault();
            type(pasted.trim().replace(/\s+/g, ' '), event.timeStamp);
          }}
          onFocus={(event) => event.currentTarget.select()}
          onKeyDown={(event) => {
            if (!isSeparator(event)) return;
            event.preventDefault();
            const { selectionStart, selectionEnd, value } = event.currentTarget;
            const from = selectionStart ?? value.length;
            type(value.slice(0, from) + GROUP_SEPARATOR + value.slice(selectionEnd ?? from), event.timeStamp);
          }}
        />
      </label>
      <button type="submit" className={`big-button ${css.scanDo}`}>
        {action}
      </button>
    </form>
  );
}
