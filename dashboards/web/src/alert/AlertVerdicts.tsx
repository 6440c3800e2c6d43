import { Button, NativeSelect } from '@mantine/core';
import { useRef, useState } from 'react';
import { Link } from 'react-router';
import type { AlertDetail, AlertVerdictsView } from '../../../api/index.ts';
import css from '../case/case.module.css';
import { ReasonArea } from '../case/fields.tsx';
import { SignFields, useSignState } from '../case/SignFields.tsx';
import { Trouble } from '../parts/States.tsx';
import { TimeField } from '../parts/TimeField.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { fromText, toText } from '../words/when.ts';
import { type NewVerdict, useAlertVerdicts, useGiveVerdict } from './alert-queries.ts';

const VERDICTS = ['logger broken', 'not part of journey'] as const;
type Verdict = (typeof VERDICTS)[number];

/** What people said, under signature, where data cannot tell; and, for who may, saying so. */
export function AlertVerdicts({ alert }: { alert: AlertDetail }) {
  const mayDecide = useMay('case.decide');
  const { data } = useAlertVerdicts(alert.id, alert.revision);
  const [isAsking, setAsking] = useState(false);
  const isStanding = alert.state === 'open' || alert.state === 'acknowledged';
  const mayJudge = mayDecide && isStanding && alert.subject.device !== undefined;
  if (data === undefined || (data.items.length === 0 && !mayJudge)) return null;
  return (
    <section className="panel section" aria-labelledby="verdicts">
      <h2 id="verdicts">{say('alert.verdicts')}</h2>
      {data.items.length === 0 ? <p className="muted">{say('alert.verdicts.hint')}</p> : null}
      <ol className={css.entries}>
        {data.items.map((item) => (
          <li key={`${item.case}/${item.step.number}`} className={css.entry}>
            <Said {...item} />
          </li>
        ))}
      </ol>
      {!mayJudge ? null : isAsking ? (
        <VerdictForm alert={alert} known={data} onDone={() => setAsking(false)} />
      ) : (
        <div className={css.under}>
          <Button variant="default" size="compact-sm" onClick={() => setAsking(true)}>
            {say('alert.verdict.give')}
          </Button>
        </div>
      )}
    </section>
  );
}

function Said({ case: inCase, step }: AlertVerdictsView['items'][number]) {
  const { signature, undoes, undoneBy } = step;
  return (
    <>
      <b>{say(`case.step.${step.step}`)}</b>{' '}
      {undoneBy === null ? null : <span className="tag">{say('case.step.undone', { step: undoneBy })}</span>}
      {undoes === null ? null : <span className="tag">{say('case.step.undoes', { step: undoes })}</span>}
      <p>{step.reason}</p>
      <div className={css.signatures}>
        <Say
          text="case.signature"
          values={{ name: <b>{signature.name}</b>, role: signature.role, time: <WhenExact at={signature.at} /> }}
        />
        <div className="muted">
          <Link to={`/cases/${encodeURIComponent(inCase)}`}>
            {say('alert.verdict.inCase', { step: step.number, case: inCase })}
          </Link>
        </div>
      </div>
    </>
  );
}

interface FormProps {
  readonly alert: AlertDetail;
  readonly known: AlertVerdictsView;
  readonly onDone: () => void;
}

function VerdictForm({ alert, known, onDone }: FormProps) {
  const zone = useZone();
  const give = useGiveVerdict(alert.id);
  const sign = useSignState(known.signing);
  // What was seen when this was opened.
  const [revision] = useState(alert.revision);
  const isUnderWay = useRef(false);
  const isSilence = alert.kind === 'silence';
  const [verdict, setVerdict] = useState<Verdict>('logger broken');
  const [from, setFrom] = useState(() => toText(Date.parse(alert.from), zone));
  // To the minute, and never short of the end.
  const [to, setTo] = useState(() => toText((alert.to === null ? Date.now() : Date.parse(alert.to)) + 59_999, zone));
  const [inCase, setCase] = useState(known.cases[0] ?? '');
  const [reason, setReason] = useState('');
  const device = alert.about.device ?? alert.subject.device ?? '';
  const title = say(`alert.verdict.meaning.${verdict}`, { device });
  const [fromMs, toMs] = [fromText(from, zone), fromText(to, zone)];
  const wish = wishOf(verdict, fromMs, toMs);
  const isReady = wish !== null && reason.trim().length >= 3 && sign.signing !== null;
  return (
    <form
      className={css.small}
      aria-label={say('alert.verdict.give')}
      onSubmit={(event) => {
        event.preventDefault();
        const { signing } = sign;
        if (isUnderWay.current || !isReady || wish === null || signing === null) return;
        isUnderWay.current = true;
        const named = known.cases.length > 1 ? { case: inCase } : {};
        give.mutate(
          { verdict: { ...wish, ...named, revision, reason: reason.trim() }, meaning: title, signing },
          {
            onSuccess: onDone,
            onError: sign.refused,
            onSettled: () => {
              isUnderWay.current = false;
            },
          },
        );
      }}
    >
      {isSilence ? null : (
        <NativeSelect
          label={say('alert.verdict.what')}
          data={VERDICTS.map((value) => ({ value, label: say(`alert.verdict.${value}`) }))}
          value={verdict}
          onChange={({ currentTarget }) => setVerdict(VERDICTS.find((one) => one === currentTarget.value) ?? verdict)}
        />
      )}
      <p className="muted">{say(`alert.verdict.hint.${isSilence ? 'silence' : verdict}`, { device })}</p>
      <div className={css.two}>
        <TimeField
          label={say(verdict === 'logger broken' ? 'alert.verdict.since' : 'case.step.from')}
          value={from}
          zone={zone}
          onChange={setFrom}
        />
        {verdict === 'logger broken' ? null : (
          <TimeField label={say('case.step.to')} value={to} zone={zone} onChange={setTo} />
        )}
      </div>
      {verdict !== 'logger broken' && fromMs !== null && toMs !== null && fromMs >= toMs ? (
        <p className="trouble">{say('case.step.span.bad')}</p>
      ) : null}
      {known.cases.length < 2 ? null : (
        <NativeSelect
          label={say('alert.verdict.case')}
          description={say('alert.verdict.case.hint')}
          value={inCase}
          data={[...known.cases]}
          onChange={(event) => setCase(event.currentTarget.value)}
        />
      )}
      <ReasonArea value={reason} onChange={setReason} />
      <SignFields state={sign} how={known.signing} meanings={[title]} />
      <Trouble error={give.error} />
      <div className="buttons">
        <Button type="submit" loading={give.isPending} disabled={!isReady}>
          {say('case.sign')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {say('case.decide.cancel')}
        </Button>
      </div>
    </form>
  );
}

function wishOf(verdict: Verdict, from: number | null, to: number | null): NewVerdict | null {
  if (from === null) return null;
  const start = new Date(from).toISOString();
  if (verdict === 'logger broken') return { verdict, since: start };
  return to === null || from >= to ? null : { verdict, from: start, to: new Date(to).toISOString() };
}
