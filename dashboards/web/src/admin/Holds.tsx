import { Button, Checkbox, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { HoldView } from '../../../api/index.ts';
import { Field } from '../parts/Field.tsx';
import { Trouble } from '../parts/States.tsx';
import { WhenExact } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { Pages } from './Pages.tsx';
import { useAllHolds, useHoldChange } from './record-queries.ts';

/** What may not be deleted by a person's word: set, listed and released, with the reason. */
export function Holds() {
  return (
    <AdminPage text="holds.title" permission="hold.change">
      <p className={css.lead}>{say('holds.hint')}</p>
      <NewHold />
      <List />
    </AdminPage>
  );
}

const KINDS = ['shipment', 'device'] as const;

function NewHold() {
  const change = useHoldChange();
  const [kind, setKind] = useState<(typeof KINDS)[number]>('shipment');
  const [id, setId] = useState('');
  const [reason, setReason] = useState('');
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(
          { subject: `${kind}:${id.trim()}`, reason: reason.trim(), isRelease: false },
          {
            onSuccess: () => {
              setId('');
              setReason('');
            },
          },
        );
      }}
    >
      <h2>{say('holds.add')}</h2>
      <NativeSelect
        label={say('holds.kind')}
        value={kind}
        data={KINDS.map((one) => ({ value: one, label: say(`holds.kind.${one}`) }))}
        onChange={(event) => setKind(event.currentTarget.value === 'device' ? 'device' : 'shipment')}
      />
      <Field label={say('holds.id')} required maxLength={128} spellCheck={false} value={id} onChange={setId} />
      <Field
        label={say('holds.reason')}
        placeholder={say('holds.reason.hint')}
        required
        minLength={3}
        maxLength={1000}
        value={reason}
        onChange={setReason}
      />
      <Button type="submit" loading={change.isPending} disabled={id.trim() === '' || reason.trim().length < 3}>
        {say('holds.set')}
      </Button>
      <Trouble error={change.error} />
    </form>
  );
}

function List() {
  const [search, setSearch] = useSearchParams();
  const isAll = search.has('released');
  const query = useAllHolds(!isAll);
  return (
    <section className="section-open">
      <Checkbox
        mb="sm"
        label={say('holds.released.too')}
        checked={isAll}
        onChange={(event) => setSearch(event.currentTarget.checked ? { released: '' } : {}, { replace: true })}
      />
      <Pages query={query} name={say('holds.title')} empty={say('holds.empty')} emptyHint={say('holds.empty.hint')}>
        {(holds: readonly HoldView[]) => (
          <table className={`table cards ${css.table}`}>
            <thead>
              <tr>
                <th scope="col">{say('holds.subject')}</th>
                <th scope="col">{say('holds.why')}</th>
                <th scope="col">{say('holds.by')}</th>
                <th scope="col">{say('holds.since')}</th>
                <th scope="col">{say('holds.state')}</th>
              </tr>
            </thead>
            <tbody>
              {holds.map((hold) => (
                <Row key={hold.id} hold={hold} />
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </section>
  );
}

function Row({ hold }: { hold: HoldView }) {
  const { subject, reason, setBy, setAt } = hold;
  const colon = subject.indexOf(':');
  const [isShipment, id] = [subject.slice(0, colon) === 'shipment', subject.slice(colon + 1)];
  return (
    <tr>
      <td>
        <span>
          <span className="muted">{say(isShipment ? 'holds.kind.shipment' : 'holds.kind.device')}</span>{' '}
          <Link to={`/${isShipment ? 'shipments' : 'devices'}/${encodeURIComponent(id)}`}>{id}</Link>
        </span>
      </td>
      <td data-label={say('holds.why')}>{reason}</td>
      <td data-label={say('holds.by')}>{setBy}</td>
      <td data-label={say('holds.since')}>
        <WhenExact at={setAt} />
      </td>
      <td data-label={say('holds.state')}>
        <Released hold={hold} />
      </td>
    </tr>
  );
}

/** By whom and why, or the way there. */
function Released({ hold: { subject, releasedAt, releasedBy, releaseReason } }: { hold: HoldView }) {
  const change = useHoldChange();
  const [reason, setReason] = useState<string | null>(null);
  if (releasedAt !== null) {
    return (
      <span>
        <WhenExact at={releasedAt} /> {say('holds.released', { who: releasedBy ?? '', reason: releaseReason ?? '' })}
      </span>
    );
  }
  if (reason === null) {
    return (
      <Button variant="default" size="xs" onClick={() => setReason('')}>
        {say('holds.release')}
      </Button>
    );
  }
  return (
    <form
      className={css.decide}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ subject, reason: reason.trim(), isRelease: true }, { onSuccess: () => setReason(null) });
      }}
    >
      <p>{say('holds.release.effect')}</p>
      <Field
        label={say('holds.release.reason')}
        required
        autoFocus
        minLength={3}
        maxLength={1000}
        value={reason}
        onChange={setReason}
      />
      <span className="buttons">
        <Button type="submit" size="xs" loading={change.isPending} disabled={reason.trim().length < 3}>
          {say('holds.release.do')}
        </Button>
        <Button variant="subtle" color="gray" size="xs" onClick={() => setReason(null)}>
          {say('admin.cancel')}
        </Button>
      </span>
      <Trouble error={change.error} />
    </form>
  );
}
