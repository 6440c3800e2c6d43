import { Textarea } from '@mantine/core';
import { GROUP_SEPARATOR, isSeparator } from '../parts/separator.ts';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import css from './Announce.module.css';
import type { Scanned } from './scanned-lines.ts';

const FAULTS_SHOWN = 50;
/** Characters: browsers lay out a long paste line by line, and stand still for seconds. */
const LONG = 20_000;

/** Where units and serials are scanned or pasted, a code a line; each line that cannot be taken says why. */
export function UnitLines({
  text,
  scanned: { faults },
  label = say('announce.lines'),
  onChange,
}: {
  text: string;
  scanned: Scanned;
  label?: string;
  onChange: (text: string) => void;
}) {
  return (
    <section className="panel section">
      <Textarea
        label={<span className={css.linesLabel}>{label}</span>}
        description={say('announce.lines.hint')}
        placeholder={'(00)106141412345678908\n(01)80614141123458(21)1001(10)A17(17)270630\nlogger-7'}
        rows={10}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        classNames={{ input: css.lines ?? '' }}
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData('text');
          if (pasted.length < LONG) return;
          event.preventDefault();
          const { selectionStart, selectionEnd, value } = event.currentTarget;
          onChange(value.slice(0, selectionStart) + pasted + value.slice(selectionEnd));
        }}
        onKeyDown={(event) => {
          if (!isSeparator(event)) return;
          event.preventDefault();
          const { selectionStart, selectionEnd, value } = event.currentTarget;
          onChange(value.slice(0, selectionStart) + GROUP_SEPARATOR + value.slice(selectionEnd));
        }}
      />
      {faults.length === 0 ? null : (
        <div className={css.lineFaults}>
          <h3 className="trouble">{say('announce.lines.faults', { count: faults.length })}</h3>
          <ol>
            {faults.slice(0, FAULTS_SHOWN).map(({ line, given, message }) => (
              <li key={line}>
                <b className="figure">{say('announce.line', { line: count(line) })}</b> <code>{short(given)}</code>
                <span className="trouble">{message}</span>
              </li>
            ))}
          </ol>
          {faults.length > FAULTS_SHOWN ? (
            <p className="muted">{say('announce.lines.more', { count: faults.length - FAULTS_SHOWN })}</p>
          ) : null}
        </div>
      )}
    </section>
  );
}

function short(given: string): string {
  const shown = given.replaceAll(GROUP_SEPARATOR, '␝').replaceAll('\t', '⇥');
  return shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
}
