import { Link } from 'react-router';
import type { CaseView } from '../../../api/case.ts';
import { WhenExact } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { summaryText } from '../words/alert.ts';
import { plainText } from '../words/said.ts';
import css from './case.module.css';
import { EvidenceSteps, loggersOf } from './EvidenceSteps.tsx';
import { StepButton } from './StepForm.tsx';

/** What people said of the evidence, each signed; undone only by another one. */
export function CaseSteps({ one }: { one: CaseView }) {
  const { steps } = one;
  const mayDecide = useMay('case.decide') && one.state !== 'closed';
  if (steps.length === 0 && !(mayDecide && loggersOf(one).length > 0)) return null;
  return (
    <section className="panel section" aria-labelledby="steps">
      <h2 id="steps">{say('case.steps')}</h2>
      <ol className={css.entries}>
        {steps.map((step) => (
          <li key={step.number} className={css.entry}>
            <Step one={one} step={step} />
            {mayDecide && step.undoneBy === null && step.undoes === null ? (
              <StepButton
                one={one}
                wish={{ undo: step.number }}
                title={say('case.step.undo.of', { step: step.number })}
                label={say('case.step.undo')}
              />
            ) : null}
          </li>
        ))}
      </ol>
      {mayDecide ? <EvidenceSteps one={one} /> : null}
    </section>
  );
}

function Step({
  one,
  step: { number, step, detail, reason, signature, undoneBy, undoes },
}: {
  one: CaseView;
  step: CaseView['steps'][number];
}) {
  return (
    <>
      <b>
        {number}. {say(`case.step.${step}`)}
      </b>{' '}
      {undoneBy === null ? null : <span className="tag">{say('case.step.undone', { step: undoneBy })}</span>}
      {undoes === null ? null : <span className="tag">{say('case.step.undoes', { step: undoes })}</span>}
      <div className="muted">
        <About one={one} detail={detail} />
      </div>
      <p>{reason}</p>
      <div className={css.signatures}>
        <Say
          text="case.signature"
          values={{
            name: <b>{signature.name}</b>,
            role: signature.role,
            time: <WhenExact at={signature.at} />,
          }}
        />
        <div className="muted">{say('case.signature.meaning', { meaning: signature.meaning })}</div>
      </div>
    </>
  );
}

/** Of which alert, or of which logger and when. */
function About({ one, detail }: { one: CaseView; detail: CaseView['steps'][number]['detail'] }) {
  const zone = useZone();
  const { alert, device, from, to, instead, isGood } = detail;
  if (typeof alert === 'string') {
    const found = one.evidence.alerts.find(({ id }) => id === alert);
    const summary = found === undefined ? null : plainText(summaryText(found), zone);
    return <Link to={`/alerts/${encodeURIComponent(alert)}`}>{summary ?? say('case.step.about.alert')}</Link>;
  }
  if (typeof device !== 'string' || typeof from !== 'string') return null;
  const values = { device, from: <WhenExact at={from} /> };
  return (
    <>
      {typeof to === 'string' ? (
        <Say text="case.step.about.span" values={{ ...values, to: <WhenExact at={to} /> }} />
      ) : (
        <Say text="case.step.about.since" values={values} />
      )}
      {typeof instead === 'string' ? <> · {say('case.step.about.instead', { instead })}</> : null}
      {isGood === true ? <> · {say('case.step.about.good')}</> : null}
    </>
  );
}
