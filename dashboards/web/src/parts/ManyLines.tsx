import { type ReactNode, useState } from 'react';
import { say } from '../text/say.ts';
import css from './ManyLines.module.css';

interface Progress {
  /** Whatever came of them. */
  readonly tried: number;
  readonly all: number;
  /** Each refused line with why. */
  readonly failed: readonly string[];
}

type LinesTold = (progress: { readonly done: number; readonly all: number }) => string;

/**
 * Many things, one a line: done one after another, with how far it is. What is refused costs itself: it is told below, and stays
 * in the field to be mended.
 *
 * @param action what the button says
 * @param told how many of them are done, in words: what is refused is not
 * @param onEnd called once all have been tried
 * @param children further fields
 */
export function ManyLines({
  label,
  action,
  told,
  onLine,
  onEnd,
  file,
  children,
}: {
  label: string;
  action: string;
  told: LinesTold;
  onLine: (line: string) => Promise<unknown>;
  onEnd?: () => void;
  /** Where they may come from a file: how its text is read into lines. */
  file?: { readonly label: string; readonly read: (file: File) => Promise<string> };
  children?: ReactNode;
}) {
  const [text, setText] = useState('');
  const [progress, setProgress] = useState<Progress | null>(null);
  const isUnderWay = progress !== null && progress.tried < progress.all;

  async function doAll() {
    // A scanner that reads a pack twice means it once.
    const lines = [...new Set(text.split(/[\r\n]+/).map((line) => line.trim()))].filter((line) => line !== '');
    const failed: string[] = [];
    const refused: string[] = [];
    setProgress({ tried: 0, all: lines.length, failed });
    for (const [n, line] of lines.entries()) {
      await onLine(line).catch((error: unknown) => {
        refused.push(line);
        const why = error instanceof Error ? error.message : String(error);
        failed.push(why.startsWith(`${line}:`) ? why : `${line}: ${why}`);
      });
      setProgress({ tried: n + 1, all: lines.length, failed: [...failed] });
    }
    setText(refused.join('\n'));
    onEnd?.();
  }

  return (
    <form
      className={css.many}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isUnderWay) void doAll();
      }}
    >
      <label>
        {label}
        <textarea
          rows={6}
          value={text}
          required
          readOnly={isUnderWay}
          spellCheck={false}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {file === undefined ? null : (
        <label>
          <span>{file.label}</span>
          <input
            type="file"
            accept=".csv,.json,.txt,text/csv,application/json,text/plain"
            onChange={({ currentTarget: input }) => {
              const chosen = input.files?.[0];
              if (chosen === undefined) return;
              file
                .read(chosen)
                .then(setText, (error: unknown) =>
                  setProgress({ tried: 0, all: 0, failed: [error instanceof Error ? error.message : String(error)] }),
                );
              // The same file, mended, may be chosen again.
              input.value = '';
            }}
          />
        </label>
      )}
      {children}
      <button type="submit" className={`big-button ${css.do}`} disabled={isUnderWay}>
        {action}
      </button>
      {progress === null ? null : <HowFar progress={progress} told={told} />}
    </form>
  );
}

function HowFar({ progress: { tried, all, failed }, told }: { progress: Progress; told: LinesTold }) {
  const sentence = told({ done: tried - failed.length, all });
  return (
    <div className={css.far} role="status">
      {all === 0 ? null : (
        <p>
          <progress max={all} value={tried} aria-label={sentence} />
          {sentence}
        </p>
      )}
      {all === 0 || failed.length === 0 ? null : (
        <p className="ink-warning">{say('parts.refused', { count: failed.length })}</p>
      )}
      <ul>
        {failed.map((line) => (
          <li key={line} className="ink-warning">
            {line}
          </li>
        ))}
      </ul>
    </div>
  );
}
