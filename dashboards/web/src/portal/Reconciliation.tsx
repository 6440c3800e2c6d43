import { useState } from 'react';
import { Link } from 'react-router';
import type { DifferenceView } from '../../../api/index.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import { Failed } from '../parts/States.tsx';
import { WhenExact } from '../parts/When.tsx';
import { type Reconciled, useReconciliation, useSettle } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { HOW_WORDS, termText } from '../words/difference.ts';
import { count, counted } from '../words/figures.ts';
import { packOf, unitText } from '../words/printed.ts';
import { Printed } from './Printed.tsx';
import css from './Reconciliation.module.css';

/** Expected against seen of a shipment, one card a difference, with what a person can say to it. */
export function Reconciliation({ of, isQuiet = false }: { of: Reconciled; isQuiet?: boolean }) {
  const { data, error, refetch } = useReconciliation(of);
  if (error !== null && data === undefined) {
    return <Failed error={error} what={say('portal.whatDiffers')} onRetry={() => void refetch()} />;
  }
  if (data === undefined || (isQuiet && data.lines.length === 0)) return null;
  const open = data.lines.filter(({ state }) => state === 'open');
  const settled = data.lines.filter(({ state }) => state === 'settled');
  return (
    <section className="section-open" aria-labelledby="differences">
      <h2 id="differences">
        <Say
          text="portal.expectedAgainstSeen"
          values={{
            detail:
              open.length === 0 ? null : (
                <span className="muted">{say('portal.toSettle', { length: count(open.length) })}</span>
              ),
          }}
        />
      </h2>
      {open.length === 0 ? (
        <p className={css.reconciled}>
          <ConditionMark state="inRange" size={24} label={null} />
          {settled.length === 0 ? say('portal.nothingDiffers') : say('portal.everythingIsSettled')}
        </p>
      ) : null}
      <ul className={css.differenceCards}>
        {open.map((line) => (
          <li key={line.id}>
            <DifferenceCard of={of} line={line} />
          </li>
        ))}
      </ul>
      {settled.length === 0 ? null : (
        <details className={css.settledList}>
          <summary>{counted(settled.length, 'settled difference')}</summary>
          <ul className={css.differenceCards}>
            {settled.map((line) => (
              <li key={line.id} className={`panel ${css.differenceCard}`}>
                <What line={line} />
                <SettledText line={line} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** A difference with what a person can say to it. */
export function DifferenceCard({ of, line }: { of: Reconciled; line: DifferenceView }) {
  const [isAsking, setAsking] = useState(false);
  const maySettle = useMay('difference.settle');
  return (
    <div className={`panel ${css.differenceCard} ${line.state === 'open' ? css.differenceOpen : ''}`}>
      <What line={line} />
      <SettledText line={line} />
      {isAsking ? <Settle of={of} lines={[line]} onDone={() => setAsking(false)} /> : null}
      {maySettle && !isAsking && line.state === 'open' ? (
        <button type="button" className="big-button" onClick={() => setAsking(true)}>
          {say('portal.settle')}
        </button>
      ) : null}
    </div>
  );
}

const SHOWN = 12;

function What({ line }: { line: DifferenceView }) {
  const { name, hint } = termText(line.term);
  const rest = line.count - SHOWN;
  return (
    <div className={css.differenceWhat}>
      <h3>
        {name} <span className="figure">{count(line.count)}</span>
        {name.toLowerCase() === line.term ? null : <span className="muted"> {line.term}</span>}
      </h3>
      <p>{hint}</p>
      <p className="muted">
        <Say
          text="portal.since"
          values={{
            detail: line.unit === null ? null : say('portal.unit', { unit: unitText(line.unit) }),
            name: line.site.name,
            detail2:
              line.portal === null ? null : (
                <>
                  ,{' '}
                  <Link to={`/portals/${encodeURIComponent(line.portal)}?pass=${encodeURIComponent(line.pass ?? '')}`}>
                    {line.portal}
                  </Link>
                </>
              ),
            whenExact: <WhenExact at={line.since} />,
          }}
        />
      </p>
      <ul className={css.differenceSerials}>
        {line.serials.slice(0, SHOWN).map((epc, index) => (
          <li key={epc}>
            <Printed epc={epc} />
            {line.insteadOf[index] === undefined ? null : (
              <span className="muted" title={line.insteadOf[index]}>
                {say('portal.insteadOfSerial', {
                  index: packOf(line.insteadOf[index])?.serial ?? line.insteadOf[index],
                })}
              </span>
            )}
          </li>
        ))}
        {rest > 0 ? <li className="muted">{say('portal.andMore2', { rest: count(rest) })}</li> : null}
      </ul>
    </div>
  );
}

/** Asks how a person made sure, and what was found. */
export function Settle(given: { of: Reconciled; lines: readonly DifferenceView[]; onDone: () => void }) {
  const { of, lines, onDone } = given;
  const total = lines.reduce((sum, line) => sum + line.count, 0);
  const settle = useSettle(of);
  const [how, setHow] = useState<keyof typeof HOW_WORDS>('scan');
  const [reason, setReason] = useState('');
  return (
    <form
      className={css.settle}
      onSubmit={(event) => {
        event.preventDefault();
        settle.mutate({ lines: lines.map(({ id }) => id), how, reason: reason.trim() }, { onSuccess: onDone });
      }}
    >
      <fieldset>
        <legend>{say('portal.howDidYouMakeSure')}</legend>
        <div className={css.settleHow}>
          {(Object.keys(HOW_WORDS) as (keyof typeof HOW_WORDS)[]).map((one) => (
            <button
              key={one}
              type="button"
              className="big-button"
              aria-pressed={how === one}
              onClick={() => setHow(one)}
            >
              {HOW_WORDS[one]}
            </button>
          ))}
        </div>
      </fieldset>
      <label>
        {say('portal.whatWasFound')}
        <input value={reason} required maxLength={1_000} onChange={(event) => setReason(event.currentTarget.value)} />
      </label>
      {settle.error === null ? null : (
        <p className="trouble" role="alert">
          {settle.error.message}
        </p>
      )}
      <div className={css.settleHow}>
        <button
          type="submit"
          className={`big-button ${css.settleDo}`}
          disabled={settle.isPending || reason.trim() === ''}
        >
          {settle.isPending ? say('portal.settling') : say('portal.settle2', { total: count(total) })}
        </button>
        <button type="button" className={`big-button ${css.settleCancel}`} onClick={onDone}>
          {say('portal.cancel')}
        </button>
      </div>
    </form>
  );
}

/** By whom and why it was settled. */
export function SettledText({ line: { settlement } }: { line: DifferenceView }) {
  if (settlement === null) return null;
  return (
    <p className={css.settlement}>
      <b>{settlement.by}</b> {HOW_WORDS[settlement.how].toLowerCase()}: {settlement.reason}{' '}
      <span className="muted">
        <WhenExact at={settlement.at} />
      </span>
    </p>
  );
}
