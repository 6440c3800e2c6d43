import { Button } from '@mantine/core';
import { useState } from 'react';
import type { SystemView } from '../../../api/index.ts';
import { AdminPage } from '../admin/AdminPage.tsx';
import css from '../admin/admin.module.css';
import { Confirm } from '../parts/Confirm.tsx';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { SystemForm } from './SystemForm.tsx';
import { SystemRecords } from './SystemRecords.tsx';
import { useRemoveSystem, useSystems } from './system-queries.ts';

/** ERP and WMS beside us: how each is read, and what became of what it sent. */
export function Systems() {
  const [changed, setChanged] = useState<SystemView | 'new' | null>(null);
  const mayChange = useMay('erp.change');
  return (
    <AdminPage text="systems.title" permission="erp.exchange">
      <p className={css.lead}>{say('systems.lead')}</p>
      {changed === null ? (
        mayChange ? (
          <Button variant="default" onClick={() => setChanged('new')}>
            {say('systems.add')}
          </Button>
        ) : null
      ) : (
        <SystemForm
          key={changed === 'new' ? '' : changed.id}
          system={changed === 'new' ? null : changed}
          onDone={() => setChanged(null)}
        />
      )}
      <List mayChange={mayChange} onChange={setChanged} />
    </AdminPage>
  );
}

function List({ mayChange, onChange }: { mayChange: boolean; onChange: (system: SystemView) => void }) {
  const { data, error, isPending, refetch } = useSystems();
  const [shown, setShown] = useState<string | null>(null);
  if (isPending) return <Loading rows={3} height={52} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('systems.title')} onRetry={() => void refetch()} />;
  if (data.items.length === 0) return <Nothing title={say('systems.empty')}>{say('systems.empty.hint')}</Nothing>;
  const of = data.items.find(({ id }) => id === shown) ?? data.items[0];
  return (
    <>
      <section className="section-open">
        <div className="panel scroll">
          <table className={`table cards ${css.table}`}>
            <thead>
              <tr>
                <th scope="col">{say('systems.name')}</th>
                <th scope="col">{say('systems.told')}</th>
                <th scope="col">{say('systems.revision')}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {data.items.map((system) => (
                <Row
                  key={system.id}
                  system={system}
                  isShown={system.id === of?.id}
                  mayChange={mayChange}
                  onShow={() => setShown(system.id)}
                  onChange={onChange}
                />
              ))}
            </tbody>
          </table>
        </div>
      </section>
      {of === undefined ? null : <SystemRecords key={of.id} system={of} />}
    </>
  );
}

function Row({
  system,
  isShown,
  mayChange,
  onShow,
  onChange,
}: {
  system: SystemView;
  isShown: boolean;
  mayChange: boolean;
  onShow: () => void;
  onChange: (system: SystemView) => void;
}) {
  const { id, name, webhook, revision } = system;
  const remove = useRemoveSystem();
  return (
    <tr>
      <td>
        <b>{name}</b> <span className="muted">{id}</span>
      </td>
      <td data-label={say('systems.told')}>{webhook === null ? '–' : new URL(webhook).host}</td>
      <td data-label={say('systems.revision')}>{revision}</td>
      <td>
        <span className="buttons">
          <Button variant="default" size="xs" aria-pressed={isShown} onClick={onShow}>
            {say('systems.show', { id })}
          </Button>
          {mayChange ? (
            <>
              <Button variant="default" size="xs" onClick={() => onChange(system)}>
                {say('systems.change', { id })}
              </Button>
              <Confirm
                name={say('systems.remove')}
                question={say('systems.remove.sure', { id })}
                action={say('systems.remove.do')}
                isPending={remove.isPending}
                onConfirm={() => remove.mutate(id)}
              />
            </>
          ) : null}
        </span>
        <Trouble error={remove.error} />
      </td>
    </tr>
  );
}
