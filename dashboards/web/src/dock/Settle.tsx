import { useState } from 'react';
import type { DifferenceView, PassDetail } from '../../../api/index.ts';
import css from './dock.module.css';
import { useWords } from './language.tsx';
import type { ScannedPack } from './scanned-pack.ts';
import { coveredBy, takenOffOf } from './settleable.ts';

/** What a person says to differences, in the words of the API. */
export interface SettleWish {
  readonly lines: readonly DifferenceView[];
  readonly how: 'scan' | 'recount' | 'paperwork' | 'other';
  readonly reason: string;
  /** Of their serials those that were taken off. */
  readonly takenOff?: readonly string[];
}

interface SettleProps {
  readonly pass: PassDetail;
  readonly lines: readonly DifferenceView[];
  /** What was scanned before, with what is said of it in the record. */
  readonly scanned: {
    readonly epcs: ReadonlySet<string>;
    readonly off: ReadonlySet<string>;
    readonly reason: string;
  };
  readonly onSettle: (wish: SettleWish) => void;
  readonly onCancel: () => void;
}

/** Without a scan: what the person did to the pallet. Records are in English, whatever the screen speaks. */
export function Settle({ pass, lines, scanned, onSettle, onCancel }: SettleProps) {
  const { say } = useWords();
  const [isFound, setFound] = useState(false);
  const [isOff, setOff] = useState(false);
  const [isCounting, setCounting] = useState(false);
  const open = lines.filter(({ state }) => state === 'open');
  const done = new Set([
    ...scanned.epcs,
    ...(isFound ? pass.missing : []).map(({ epc }) => epc),
    ...(isOff ? pass.unexpected : []).map(({ epc }) => epc),
  ]);
  const covered = coveredBy(open, done);
  const off = new Set([...scanned.off, ...(isOff ? pass.unexpected : []).map(({ epc }) => epc)]);
  const isByHand = isFound || isOff;
  const reason = [
    ...(scanned.epcs.size > 0 ? [scanned.reason] : []),
    ...(isFound ? ['found what was missing'] : []),
    ...(isOff ? ['took off what was too many'] : []),
  ];
  return (
    <section className={css.sheet} aria-labelledby="settle">
      <h2 id="settle">{say('settle.title')}</h2>
      <p>{say('settle.left', { count: open.reduce((sum, { count }) => sum + count, 0) })}</p>
      <div className={css.actions}>
        {pass.missing.length === 0 ? null : (
          <button type="button" className={css.button} aria-pressed={isFound} onClick={() => setFound(!isFound)}>
            {say('settle.found')}
          </button>
        )}
        {pass.unexpected.length === 0 ? null : (
          <button type="button" className={css.button} aria-pressed={isOff} onClick={() => setOff(!isOff)}>
            {say('settle.off')}
          </button>
        )}
        <button type="button" className={css.button} aria-pressed={isCounting} onClick={() => setCounting(!isCounting)}>
          {say('settle.recount')}
        </button>
        <button
          type="button"
          className={css.button}
          onClick={() => onSettle({ lines: open, how: 'paperwork', reason: 'the papers say so' })}
        >
          {say('settle.paper')}
        </button>
      </div>
      {isCounting ? (
        <Recount
          expected={pass.counts.expected}
          onRight={(counted) =>
            onSettle({ lines: open, how: 'recount', reason: `counted again: ${counted}, as many as expected` })
          }
        />
      ) : null}
      <div className={css.actions}>
        <button
          type="button"
          className={`${css.button} ${css.main}`}
          disabled={covered.length === 0}
          onClick={() =>
            onSettle({
              ...{ lines: covered, how: isByHand ? 'other' : 'scan', reason: reason.join(', ') },
              takenOff: takenOffOf(covered, off),
            })
          }
        >
          {say('do.settle')}
        </button>
        <button type="button" className={css.button} onClick={onCancel}>
          {say('do.cancel')}
        </button>
      </div>
    </section>
  );
}

/**
 * What a person counts: as many as were expected settles what the reader got wrong. Any other number says that something is
 * missing or too many and not which, so it settles nothing.
 */
function Recount({ expected, onRight }: { expected: number; onRight: (counted: number) => void }) {
  const { say } = useWords();
  const [text, setText] = useState('');
  const counted = /^\d{1,6}$/.test(text.trim()) ? Number(text) : null;
  const isRight = counted === expected;
  return (
    <form
      className={css.note}
      onSubmit={(event) => {
        event.preventDefault();
        if (counted !== null && isRight) onRight(counted);
      }}
    >
      <label className={css.note}>
        {say('recount.how')}
        <input
          className={css.field}
          inputMode="numeric"
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {counted === null || isRight ? null : (
        <p className={`${css.notice} ${css.warned}`} role="status">
          {say('recount.differs', { counted, expected, difference: Math.abs(counted - expected) })}
        </p>
      )}
      <div className={css.actions}>
        <button type="submit" className={`${css.button} ${css.main}`} disabled={!isRight}>
          {say('recount.go')}
        </button>
      </div>
    </form>
  );
}

/** What was scanned of the pallet so far. */
export function Scanned({ scans, left }: { scans: readonly ScannedPack[]; left: number }) {
  const { say } = useWords();
  const last = scans.at(-1);
  if (last === undefined) return null;
  const isAgain = 'epc' in last && scans.slice(0, -1).some((one) => 'epc' in one && one.epc === last.epc);
  return (
    <p className={`${css.notice} ${last.is === 'bad' || last.is === 'other' ? css.warned : ''}`} role="status">
      <b>
        {last.is === 'bad'
          ? say('scan.bad', { reason: last.reason })
          : say(isAgain ? 'scan.again' : `scan.${last.is}`, { serial: last.serial })}
      </b>{' '}
      {left > 0 ? say('scan.left', { count: left }) : say('scan.done')}
    </p>
  );
}
