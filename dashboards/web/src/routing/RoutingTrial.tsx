import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { RoutedNoticeView } from '../../../api/index.ts';
import admin from '../admin/admin.module.css';
import { Field } from '../parts/Field.tsx';
import { Trouble } from '../parts/States.tsx';
import { TimeField } from '../parts/TimeField.tsx';
import { When } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';
import { SEVERITY_WORDS } from '../words/alert.ts';
import { KIND_WORDS } from '../words/rule.ts';
import { fromText } from '../words/when.ts';
import css from './routing.module.css';
import { type Trial, useTrial } from './routing-queries.ts';

const SEVERITIES = ['critical', 'warning', 'info'] as const;
const SHOWN = 6;

/** Asks who would be told of an alert, one that there is or an invented one. @param draft a routing that is not saved yet */
export function RoutingTrial({ draft }: { draft: string | null }) {
  const zone = useZone();
  const trial = useTrial();
  const [alert, setAlert] = useState('');
  const [severity, setSeverity] = useState<string>('critical');
  const [kind, setKind] = useState('threshold');
  const [site, setSite] = useState('');
  const [at, setAt] = useState('');
  const isReal = alert.trim() !== '';
  // What another text would do says nothing of this one.
  const isAsAsked = trial.variables?.text === (draft ?? undefined);
  return (
    <section className="panel section" aria-labelledby="trial">
      <form
        className={admin.form}
        onSubmit={(event) => {
          event.preventDefault();
          trial.mutate(trialOf());
        }}
      >
        <h2 id="trial">{say('routing.trial')}</h2>
        <p className="muted">{draft === null ? say('routing.trial.inForce') : say('routing.trial.draft')}</p>
        <Field
          label={say('routing.trial.alert')}
          hint={say('routing.trial.alert.hint')}
          spellCheck={false}
          value={alert}
          onChange={setAlert}
        />
        {isReal ? null : (
          <>
            <NativeSelect
              label={say('routing.trial.severity')}
              value={severity}
              data={SEVERITIES.map((value) => ({ value, label: SEVERITY_WORDS[value] }))}
              onChange={(event) => setSeverity(event.currentTarget.value)}
            />
            <NativeSelect
              label={say('routing.trial.kind')}
              value={kind}
              data={[...Object.entries(KIND_WORDS), ['health', say('routing.trial.kind.health')]].map(
                ([value = '', label = '']) => ({ value, label }),
              )}
              onChange={(event) => setKind(event.currentTarget.value)}
            />
            <Field label={say('routing.trial.site')} spellCheck={false} value={site} onChange={setSite} />
          </>
        )}
        <TimeField label={say('routing.trial.at')} value={at} zone={zone} isOptional onChange={setAt} />
        <Button type="submit" loading={trial.isPending}>
          {say('routing.trial.do')}
        </Button>
        <Trouble error={trial.error} />
      </form>
      {trial.data === undefined || !isAsAsked ? null : <Found notices={trial.data.items} />}
    </section>
  );

  function trialOf(): Trial {
    const moment = fromText(at, zone);
    const when = moment === null ? {} : { at: moment };
    const by = draft === null ? {} : { text: draft };
    if (isReal) return { alert: alert.trim(), ...when, ...by };
    return { severity, kind, ...(site.trim() !== '' && { sites: [site.trim()] }), ...when, ...by };
  }
}

function Found({ notices }: { notices: readonly RoutedNoticeView[] }) {
  if (notices.length === 0) {
    return (
      <p className="trouble" role="status">
        {say('routing.trial.nobody')}
      </p>
    );
  }
  const rest = notices.length - SHOWN;
  return (
    <div role="status" className={css.found}>
      <table className="table cards">
        <thead>
          <tr>
            <th scope="col">{say('routing.trial.when')}</th>
            <th scope="col">{say('routing.trial.who')}</th>
            <th scope="col">{say('routing.trial.channel')}</th>
            <th scope="col">{say('routing.trial.why')}</th>
          </tr>
        </thead>
        <tbody>
          {notices.slice(0, SHOWN).map((notice) => (
            <tr key={JSON.stringify(notice)}>
              <td>
                <When at={notice.when} />
              </td>
              <td data-label={say('routing.trial.who')}>
                {notice.who === null ? (
                  <span className="muted">{say('routing.trial.machine')}</span>
                ) : (
                  <b>{notice.who}</b>
                )}
              </td>
              <td data-label={say('routing.trial.channel')}>{notice.channel}</td>
              <td data-label={say('routing.trial.why')}>
                <div>
                  {notice.why}
                  <div className="muted">{say('routing.trial.step', { step: notice.step, route: notice.route })}</div>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest > 0 ? <p className="muted">{say('routing.trial.more', { count: rest })}</p> : null}
    </div>
  );
}
