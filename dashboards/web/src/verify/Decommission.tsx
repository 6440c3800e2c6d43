import { Button, NativeSelect, Switch } from '@mantine/core';
import { useState } from 'react';
import type { DecommissioningChoicesView, DecommissioningView } from '../../../api/index.ts';
import { ManyLines } from '../parts/ManyLines.tsx';
import { ConditionMark } from '../parts/Marks.tsx';
import { ScanField } from '../parts/ScanField.tsx';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useSession } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import css from './Decommission.module.css';
import { DecommissionRow } from './DecommissionRow.tsx';
import {
  type DecommissionChoice,
  useBringAnswers,
  useDecommission,
  useDecommissioningChoices,
  useDecommissionings,
} from './decommission-queries.ts';
import { PackTabs } from './PackTabs.tsx';
import verificationAnswerCss from './VerificationAnswer.module.css';
import verifyCss from './Verify.module.css';

/** Packs that leave for good: scan after scan, and what the national system says of them. */
export function Decommission() {
  useTitle(say('decommission.heading'));
  const { data: choices, error, isPending, refetch } = useDecommissioningChoices();
  return (
    <>
      <PackTabs />
      <h1>{say('decommission.heading')}</h1>
      <p className="muted">{say('decommission.lead')}</p>
      {isPending ? (
        <Loading rows={2} height={64} />
      ) : choices === undefined ? (
        <Failed error={error ?? new Error('')} what={say('decommission.heading')} onRetry={() => void refetch()} />
      ) : (
        <Scans choices={choices} />
      )}
      <Entries sites={new Map((choices?.sites ?? []).map(({ id, name }) => [id, name]))} />
      <Files />
    </>
  );
}

const CAPACITIES = ['pharmacy', 'healthcare institution', 'wholesaler', 'manufacturer'] as const;

function Scans({ choices: { sites, reasons } }: { choices: DecommissioningChoicesView }) {
  const { data: session } = useSession();
  const enter = useDecommission();
  const [place, setPlace] = useState(sites[0]?.id ?? '');
  const [isMany, setMany] = useState(false);
  const [chosen, setCapacity] = useState<DecommissionChoice['capacity'] | null>(null);
  const capacity = chosen ?? (session?.setUpFor === 'pharmacy' ? 'pharmacy' : 'wholesaler');
  const [wanted, setReason] = useState<DecommissionChoice['reason'] | null>(null);
  const theirs = reasons.filter(({ by }) => by.includes(capacity));
  // Those of one capacity are not those of another.
  const reason = theirs.find((one) => one.reason === wanted) ?? theirs[0];
  return (
    <>
      <div className={css.choices}>
        <NativeSelect
          label={say('decommission.site')}
          value={place}
          data={sites.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(event) => setPlace(event.currentTarget.value)}
        />
        <NativeSelect
          label={say('decommission.capacity')}
          value={capacity}
          data={CAPACITIES.map((one) => ({ value: one, label: say(`decommission.capacity.${one}`) }))}
          onChange={({ currentTarget: { value } }) => setCapacity(CAPACITIES.find((one) => one === value) ?? null)}
        />
        <NativeSelect
          label={say('decommission.reason')}
          value={reason?.reason ?? ''}
          description={reason?.isReversible === false ? say('decommission.final') : null}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          data={theirs.map((one) => ({ value: one.reason, label: say(`decommission.reason.${one.reason}`) }))}
          onChange={({ currentTarget: { value } }) =>
            setReason(theirs.find((one) => one.reason === value)?.reason ?? null)
          }
        />
      </div>
      {reason === undefined || place === '' ? null : isMany ? (
        <ManyLines
          label={say('return.codes')}
          action={say('decommission.do')}
          told={({ done, all }) => say('decommission.progress', { done, all })}
          onLine={(scan) => enter.mutateAsync({ scan, place, capacity, reason: reason.reason })}
        />
      ) : (
        <ScanField
          label={say('verify.scanTheCodeOnThe')}
          hint="(01)…(21)…(10)…(17)…"
          action={say('decommission.do')}
          onScan={(scan) => enter.mutate({ scan, place, capacity, reason: reason.reason })}
        />
      )}
      <button
        type="button"
        className={`quiet-button ${verifyCss.verifyOther}`}
        onClick={() => {
          enter.reset();
          setMany(!isMany);
        }}
      >
        {isMany ? say('return.one') : say('return.many')}
      </button>
      {isMany ? null : enter.isPending ? (
        <Loading rows={1} height={120} />
      ) : enter.error !== null ? (
        <section
          className={`panel ${verificationAnswerCss.verified} ${verificationAnswerCss['verified-warning']}`}
          role="alert"
        >
          <h2>
            <ConditionMark state="warning" size={44} label={null} />
            {say('decommission.not')}
          </h2>
          <p>{enter.error.message}</p>
        </section>
      ) : enter.data === undefined ? null : (
        <Done entry={enter.data} />
      )}
    </>
  );
}

function Done({ entry: { pack, reason } }: { entry: DecommissioningView }) {
  return (
    <section
      className={`panel ${verificationAnswerCss.verified} ${verificationAnswerCss['verified-inRange']}`}
      aria-live="assertive"
    >
      <h2>
        <ConditionMark state="inRange" size={44} label={null} />
        {say('decommission.done', { reason: say(`decommission.reason.${reason}`) })}
      </h2>
      <p>
        {say('decommission.serial', {
          serial: pack.serial,
          lot: pack.lot ?? say('decommission.unread'),
          expiry: pack.expiry ?? say('decommission.unread'),
        })}
      </p>
    </section>
  );
}

function Entries({ sites }: { sites: ReadonlyMap<string, string> }) {
  const [isWaiting, setWaiting] = useState(false);
  const { data, error, isPending, refetch } = useDecommissionings(isWaiting);
  return (
    <section className="section-open" aria-labelledby="latest">
      <h2 id="latest">{say('decommission.list')}</h2>
      <Switch
        className={css.only ?? ''}
        label={say('decommission.waiting.only')}
        checked={isWaiting}
        onChange={(event) => setWaiting(event.currentTarget.checked)}
      />
      {isPending ? (
        <Loading rows={4} height={64} />
      ) : data === undefined ? (
        <Failed error={error ?? new Error('')} what={say('decommission.list')} onRetry={() => void refetch()} />
      ) : data.items.length === 0 ? (
        <Nothing title={say('decommission.none')}>{say('decommission.none.text')}</Nothing>
      ) : (
        <ul className={`panel ${css.entries}`}>
          {data.items.map((entry) => (
            <DecommissionRow key={entry.id} entry={entry} site={sites.get(entry.place) ?? entry.place} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Where no gateway is connected. */
function Files() {
  const bring = useBringAnswers();
  return (
    <section className="section-open" aria-labelledby="files">
      <h2 id="files">{say('decommission.files')}</h2>
      <p className="muted">{say('decommission.files.lead')}</p>
      <div className={`buttons ${css.files}`}>
        <Button component="a" variant="default" href="/api/v1/decommissionings.csv?waiting=true" download>
          {say('decommission.files.take')}
        </Button>
        <label>
          <span>{say('decommission.files.bring')}</span>{' '}
          <input
            type="file"
            accept=".csv,text/csv"
            onChange={({ currentTarget: input }) => {
              const chosen = input.files?.[0];
              if (chosen === undefined) return;
              bring.mutate(chosen);
              // The same file, mended, may be chosen again.
              input.value = '';
            }}
          />
        </label>
      </div>
      {bring.data === undefined ? null : (
        <p role="status">{say('decommission.files.added', { added: bring.data.added })}</p>
      )}
      <Trouble error={bring.error} />
    </section>
  );
}
