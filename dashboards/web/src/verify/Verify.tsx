import { useState } from 'react';
import { Link } from 'react-router';
import type { VerificationView } from '../../../api/index.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import scanFieldCss from '../parts/ScanField.module.css';
import { ScanField } from '../parts/ScanField.tsx';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { When } from '../parts/When.tsx';
import { useVerifications, useVerify, type VerificationWish } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { findingText } from '../words/said.ts';
import { answerOf } from '../words/verification.ts';
import { PackTabs } from './PackTabs.tsx';
import verificationAnswerCss from './VerificationAnswer.module.css';
import { VerificationAnswer } from './VerificationAnswer.tsx';
import css from './Verify.module.css';

/** Is this pack what it says, and may it move on: scan after scan. */
export function Verify() {
  useTitle(say('verify.verifyAPack'));
  const verify = useVerify();
  const [isTyped, setTyped] = useState(false);
  const [mine, setMine] = useState<readonly VerificationView[]>([]);

  function check(wish: VerificationWish) {
    verify.mutate(wish, { onSuccess: (answer) => setMine((before) => [answer, ...before].slice(0, 20)) });
  }

  function otherWay() {
    verify.reset();
    setTyped(!isTyped);
  }

  const maySeeAll = useMay('verifications.read');
  return (
    <>
      <PackTabs />
      <h1>{say('verify.verifyAPack')}</h1>
      {isTyped ? (
        <Typed onCheck={check} />
      ) : (
        <ScanField
          label={say('verify.scanTheCodeOnThe')}
          hint="(01)…(21)…"
          action={say('verify.check')}
          onScan={(scan) => check({ scan })}
        />
      )}
      <button type="button" className={`quiet-button ${css.verifyOther}`} onClick={otherWay}>
        {isTyped ? say('verify.scanInstead') : say('verify.typeItInInstead')}
      </button>
      {verify.isPending ? (
        <Loading rows={1} height={190} />
      ) : verify.error !== null ? (
        <section className={`panel ${verificationAnswerCss.verified}`} role="alert">
          <h2>
            <ConditionMark state="unknown" size={44} label={null} />
            {say('verify.notChecked')}
          </h2>
          <p>{verify.error.message}</p>
          <p className="muted">{say('verify.scanTheCodeWithGtin')}</p>
        </section>
      ) : verify.data === undefined ? null : (
        <VerificationAnswer verification={verify.data} />
      )}
      {maySeeAll ? <Everybodys /> : <Latest title={say('verify.checkedHere')} items={mine} />}
    </>
  );
}

const FIELDS = [
  {
    name: 'gtin',
    get label() {
      return say('verify.gtin');
    },
    get hint() {
      return say('verify.14Digits');
    },
    isNeeded: true,
    type: 'text',
  },
  {
    name: 'serial',
    get label() {
      return say('verify.serial');
    },
    get hint() {
      return say('verify.snOnThePack');
    },
    isNeeded: true,
    type: 'text',
  },
  {
    name: 'lot',
    get label() {
      return say('verify.lot');
    },
    get hint() {
      return say('verify.onThePack');
    },
    isNeeded: false,
    type: 'text',
  },
  {
    name: 'expiry',
    get label() {
      return say('verify.expires');
    },
    hint: '2027-06-30',
    isNeeded: false,
    type: 'text',
  },
] as const;

function Typed({ onCheck }: { onCheck: (wish: VerificationWish) => void }) {
  const [given, setGiven] = useState({ gtin: '', serial: '', lot: '', expiry: '' });
  return (
    <form
      className={`${scanFieldCss.scan} ${scanFieldCss.typed}`}
      onSubmit={(event) => {
        event.preventDefault();
        const { gtin, serial, lot, expiry } = given;
        onCheck({
          ...{ gtin: gtin.trim(), serial: serial.trim() },
          ...(lot.trim() !== '' && { lot: lot.trim() }),
          ...(expiry !== '' && { expiry }),
        });
      }}
    >
      {FIELDS.map(({ name, label, hint, isNeeded, type }) => (
        <label key={name}>
          {label}
          <input
            type={type}
            value={given[name]}
            placeholder={hint}
            required={isNeeded}
            maxLength={20}
            autoComplete="off"
            inputMode={name === 'gtin' ? 'numeric' : undefined}
            onChange={(event) => setGiven({ ...given, [name]: event.currentTarget.value })}
          />
        </label>
      ))}
      <button type="submit" className={`big-button ${scanFieldCss.scanDo}`}>
        {say('verify.check')}
      </button>
    </form>
  );
}

function Everybodys() {
  const { data, error, isPending, refetch } = useVerifications(true);
  if (isPending) return <Loading rows={4} height={52} />;
  if (data === undefined)
    return (
      <Failed error={error ?? new Error('')} what={say('verify.theLatestChecks')} onRetry={() => void refetch()} />
    );
  return <Latest title={say('verify.latestChecks')} items={data.items} />;
}

function Latest({ title, items }: { title: string; items: readonly VerificationView[] }) {
  if (items.length === 0) {
    return <Nothing title={say('verify.nothingCheckedYet')}>{say('verify.everyCheckIsKeptWith')}</Nothing>;
  }
  return (
    <section className="section-open" aria-labelledby="latest">
      <h2 id="latest">{title}</h2>
      <ul className={`panel ${css.checks}`}>
        {items.map((item) => (
          <Check key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}

function Check({ item }: { item: VerificationView }) {
  const { request, findings, epc, by, at } = item;
  const { state, title } = answerOf(item);
  return (
    <li>
      <ConditionMark state={state} size={20} label={title} />
      <span className={css.checkPack}>
        <span className="figure strong">
          {epc === null ? request.serial : <Link to={`/serials/${encodeURIComponent(epc)}`}>{request.serial}</Link>}
        </span>
        <span className="muted figure">{request.gtin}</span>
      </span>
      <span className={`ink-${state}`}>
        {findings.length === 0 ? say('verify.known') : findings.map(({ finding }) => findingText(finding)).join(', ')}
      </span>
      <span className={`muted ${css.checkWho}`}>
        {by}, <When at={at} />
      </span>
    </li>
  );
}
