import { Button } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import type { SetUpStep, SetUpView } from '../../../api/index.ts';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { useChoosePurpose, useSetUp, useSkipStep } from './setup-queries.ts';

/** Where each step is taken. */
const WHERE: Readonly<Record<SetUpStep, string>> = {
  organisation: '/admin/organisation',
  places: '/admin/places',
  portals: '/admin/portals',
  products: '/admin/products',
  devices: '/admin/credentials',
  people: '/admin/users',
  channels: '/admin/channels',
};

/** What an installation needs before it can tell anything; each step can be left and taken up again. */
export function SetUp() {
  return (
    <AdminPage text="setup.title" permission="installation.manage">
      <Steps />
    </AdminPage>
  );
}

function Steps() {
  const { data, error, isPending, refetch } = useSetUp();
  if (isPending) return <Loading rows={6} height={64} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('setup.title')} onRetry={() => void refetch()} />;
  const { done, steps } = data;
  return (
    <>
      <Purpose chosen={data.for} />
      <p className={css.lead}>
        {done === steps.length ? say('setup.all') : say('setup.progress', { done, all: steps.length })}
      </p>
      <ol className={`panel ${css.steps}`}>
        {steps.map((step, index) => (
          <Step key={step.id} step={step} number={index + 1} />
        ))}
      </ol>
    </>
  );
}

const PURPOSES = ['everything', 'pharmacy'] as const;

/** What the page is for: it leaves out what that has no use for. */
function Purpose({ chosen }: { chosen: SetUpView['for'] }) {
  const choose = useChoosePurpose();
  // At once: what is under way is told a moment later, and the mark would jump back for that long.
  const [picked, setPicked] = useState<SetUpView['for'] | null>(null);
  const shown = picked ?? chosen;
  const pick = (one: SetUpView['for']) => {
    setPicked(one);
    choose.mutate(one, { onSettled: () => setPicked(null) });
  };
  return (
    <section className={`panel section ${css.purpose}`}>
      <fieldset className={css.purposes}>
        <legend>{say('setup.purpose')}</legend>
        {PURPOSES.map((one) => (
          <label key={one}>
            <input type="radio" name="purpose" checked={one === shown} onChange={() => pick(one)} />
            <span>
              {say(`setup.purpose.${one}`)}
              <span className="muted">{say(`setup.purpose.${one}.hint`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Trouble error={choose.error} />
    </section>
  );
}

function Step({ step, number }: { step: SetUpView['steps'][number]; number: number }) {
  const { id, count, state } = step;
  const skip = useSkipStep();
  return (
    <li className={css.step}>
      <span className={css.stepMark} data-state={state} aria-hidden="true">
        {state === 'done' ? <IconCheck size={16} /> : number}
      </span>
      <div>
        <b>{say(`setup.step.${id}`)}</b>{' '}
        <span className="muted">
          {state === 'done'
            ? say('setup.done', { count })
            : state === 'skipped'
              ? say('setup.skipped')
              : say('setup.open')}
        </span>
        <p className="muted">{say(`setup.why.${id}`)}</p>
        <Trouble error={skip.error} />
      </div>
      <span className="buttons">
        {state === 'done' ? null : (
          <Button
            variant="subtle"
            color="gray"
            size="xs"
            loading={skip.isPending}
            aria-label={say(state === 'skipped' ? 'setup.takeUp.of' : 'setup.skip.of', {
              step: say(`setup.step.${id}`),
            })}
            onClick={() => skip.mutate({ step: id, skipped: state !== 'skipped' })}
          >
            {state === 'skipped' ? say('setup.takeUp') : say('setup.skip')}
          </Button>
        )}
        <Button component={Link} to={WHERE[id]} size="xs" variant={state === 'open' ? 'filled' : 'default'}>
          {say(`setup.go.${id}`)}
        </Button>
      </span>
    </li>
  );
}
