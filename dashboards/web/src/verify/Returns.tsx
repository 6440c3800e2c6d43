import { useState } from 'react';
import type { ReturnVerificationView } from '../../../api/index.ts';
import { ManyLines } from '../parts/ManyLines.tsx';
import { ConditionMark } from '../parts/Marks.tsx';
import { ScanField } from '../parts/ScanField.tsx';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { When } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { PackTabs } from './PackTabs.tsx';
import { type ReturnWish, useReturns, useVerifyReturn } from './return-queries.ts';
import verificationAnswerCss from './VerificationAnswer.module.css';
import css from './Verify.module.css';

/** May this returned pack be sold again: its maker is asked, scan after scan or a delivery at once. */
export function Returns() {
  useTitle(say('return.title'));
  const verify = useVerifyReturn();
  const [isMany, setMany] = useState(false);
  const [mine, setMine] = useState<readonly ReturnVerificationView[]>([]);
  const maySeeAll = useMay('verifications.read');
  const ask = async (wish: ReturnWish) => {
    const answer = await verify.mutateAsync(wish);
    setMine((before) => [answer, ...before].slice(0, 500));
  };
  return (
    <>
      <PackTabs />
      <h1>{say('return.title')}</h1>
      <p className="muted">{say('return.lead')}</p>
      {isMany ? (
        <Delivery onAsk={ask} />
      ) : (
        <ScanField
          label={say('verify.scanTheCodeOnThe')}
          hint="(01)…(21)…(10)…(17)…"
          action={say('return.ask')}
          onScan={(scan) => void ask({ scan }).catch(() => {})}
        />
      )}
      <button
        type="button"
        className={`quiet-button ${css.verifyOther}`}
        onClick={() => {
          verify.reset();
          setMany(!isMany);
        }}
      >
        {isMany ? say('return.one') : say('return.many')}
      </button>
      {isMany ? null : verify.isPending ? <Loading rows={1} height={120} /> : <Trouble error={verify.error} />}
      {isMany || verify.data === undefined || verify.isPending ? null : <Answer answer={verify.data} />}
      {maySeeAll ? <Everybodys /> : <Latest title={say('return.here')} items={mine} />}
    </>
  );
}

/** Codes of a delivery, which is named with them. */
function Delivery({ onAsk }: { onAsk: (wish: ReturnWish) => Promise<void> }) {
  const [typed, setBatch] = useState('');
  const batch = typed.trim();
  return (
    <ManyLines
      label={say('return.codes')}
      action={say('return.ask')}
      told={({ done, all }) => say('return.progress', { done, all })}
      onLine={(scan) => onAsk({ scan, ...(batch !== '' && { batch }) })}
    >
      <label>
        {say('return.batch')}
        <input value={typed} maxLength={64} onChange={(event) => setBatch(event.currentTarget.value)} />
      </label>
    </ManyLines>
  );
}

function stateOf({ outcome, saleable }: ReturnVerificationView) {
  if (saleable) return 'inRange';
  return outcome === 'unanswered' || outcome === 'asked' ? 'unknown' : 'excursion';
}

function titleOf({ outcome, saleable }: ReturnVerificationView): string {
  if (saleable) return say('return.saleable');
  return outcome === 'unanswered' || outcome === 'asked' ? say('return.unanswered') : say('return.stop');
}

/** One pack's answer, to be read from an arm's length. */
function Answer({ answer }: { answer: ReturnVerificationView }) {
  const state = stateOf(answer);
  return (
    <section
      className={`panel ${verificationAnswerCss.verified} ${verificationAnswerCss[`verified-${state}`]}`}
      aria-live="assertive"
      aria-label={say('verify.answer')}
    >
      <h2>
        <ConditionMark state={state} size={44} label={null} />
        {titleOf(answer)}
      </h2>
      <p>{answer.sentence}</p>
    </section>
  );
}

function Everybodys() {
  const { data, error, isPending, refetch } = useReturns();
  if (isPending) return <Loading rows={4} height={52} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('return.latest')} onRetry={() => void refetch()} />;
  return <Latest title={say('return.latest')} items={data.items} />;
}

function Latest({ title, items }: { title: string; items: readonly ReturnVerificationView[] }) {
  if (items.length === 0) return <Nothing title={say('return.none')}>{say('return.kept')}</Nothing>;
  return (
    <section className="section-open" aria-labelledby="latest">
      <h2 id="latest">{title}</h2>
      <ul className={`panel ${css.checks}`}>
        {items.map((item) => (
          <li key={item.id}>
            <ConditionMark state={stateOf(item)} size={20} label={titleOf(item)} />
            <span className={css.checkPack}>
              <span className="figure strong">{item.pack.serial}</span>
              <span className="muted figure">{item.pack.gtin}</span>
            </span>
            <span className={`ink-${stateOf(item)}`}>{item.sentence}</span>
            <span className={`muted ${css.checkWho}`}>
              {item.by}, <When at={item.at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
