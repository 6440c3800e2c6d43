import { TextInput } from '@mantine/core';
import { type ReactNode, useDeferredValue } from 'react';
import { useSearchParams } from 'react-router';
import type { AuditEntryView } from '../../../api/index.ts';
import { TimeField } from '../parts/TimeField.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';
import { printedSubject } from '../words/printed.ts';
import { fromText } from '../words/when.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { useAudit } from './admin-queries.ts';
import { Pages } from './Pages.tsx';

/** Who decided what on which subject, why and from where; filters stand in the address. */
export function Audit() {
  return (
    <AdminPage text="audit.title" permission="audit.read">
      <p className="muted">{say('audit.hint')}</p>
      <Trail />
    </AdminPage>
  );
}

function Trail() {
  const zone = useZone();
  const [search, setSearch] = useSearchParams();
  const given = (name: string) => search.get(name) ?? '';
  const since = given('since');
  const sinceMs = since === '' ? null : fromText(since, zone);
  const filter = useDeferredValue({
    ...{ subject: given('subject'), actor: given('actor'), action: given('action') },
    since: sinceMs === null ? '' : String(sinceMs),
  });
  const query = useAudit(filter);
  const isFiltered = Object.values(filter).some((value) => value !== '');

  function set(name: string, value: string) {
    const next = new URLSearchParams(search);
    if (value === '') next.delete(name);
    else next.set(name, value);
    setSearch(next, { replace: true });
  }

  return (
    <>
      <div className={`section-open ${css.form}`}>
        <TextInput
          label={say('audit.subject')}
          placeholder={say('audit.subject.hint')}
          value={given('subject')}
          onChange={(event) => set('subject', event.currentTarget.value)}
        />
        <TextInput
          label={say('audit.actor')}
          value={given('actor')}
          onChange={(event) => set('actor', event.currentTarget.value)}
        />
        <TextInput
          label={say('audit.action')}
          placeholder={say('audit.action.hint')}
          value={given('action')}
          onChange={(event) => set('action', event.currentTarget.value)}
        />
        <TimeField
          label={say('audit.since')}
          value={since}
          zone={zone}
          isOptional
          onChange={(value) => set('since', value)}
        />
      </div>
      <section className="section-open">
        <Pages
          query={query}
          name={say('audit.title')}
          empty={say('audit.empty')}
          {...(isFiltered && { emptyHint: say('audit.empty.filtered') })}
        >
          {(entries: readonly AuditEntryView[]) => (
            <table className={`table cards ${css.table}`}>
              <thead>
                <tr>
                  <th scope="col">{say('audit.at')}</th>
                  <th scope="col">{say('audit.actor')}</th>
                  <th scope="col">{say('audit.action')}</th>
                  <th scope="col">{say('audit.subject')}</th>
                  <th scope="col">{say('audit.reason')}</th>
                </tr>
              </thead>
              <tbody>
                {entries.map((entry) => (
                  <AuditRow key={entry.id} entry={entry} />
                ))}
              </tbody>
            </table>
          )}
        </Pages>
      </section>
    </>
  );
}

/** An entry of the trail; `beside` stands with what was done. */
export function AuditRow({ entry, beside }: { entry: AuditEntryView; beside?: ReactNode }) {
  const { at, actor, action, subject, reason, origin } = entry;
  return (
    <tr>
      <td>
        <WhenExact at={at} />
      </td>
      <td data-label={say('audit.actor')}>
        <span title={actor.id}>
          <b>{actor.name}</b>{' '}
          {origin.address === null ? null : (
            <span className="muted">{say('audit.from', { where: origin.address })}</span>
          )}
        </span>
      </td>
      <td data-label={say('audit.action')}>
        <span>
          <code>{action}</code> {beside}
        </span>
      </td>
      <td data-label={say('audit.subject')}>
        <Subject subject={subject} />
      </td>
      <td data-label={say('audit.reason')}>
        <div>
          {reason ?? <span className="muted">–</span>}
          {entry.old === null && entry.new === null ? null : (
            <details>
              <summary className="muted">{say('audit.change')}</summary>
              <div className={css.change}>
                <Value name={say('audit.before')} value={entry.old} />
                <Value name={say('audit.after')} value={entry.new} />
              </div>
            </details>
          )}
        </div>
      </td>
    </tr>
  );
}

/** What it is about, packs and units as they are printed; what it is kept under stands below, to be searched for. */
function Subject({ subject }: { subject: string }) {
  const printed = printedSubject(subject);
  if (printed === subject) return <span className="epc">{subject}</span>;
  return (
    <span>
      {printed}
      <br />
      <span className="epc muted">{subject}</span>
    </span>
  );
}

function Value({ name, value }: { name: string; value: unknown }) {
  return (
    <div>
      <b>{name}</b>
      {value === null ? (
        <p className="muted">{say('audit.nothing')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
        <pre className={css.message} tabIndex={0}>
          {JSON.stringify(value, null, 2)}
        </pre>
      )}
    </div>
  );
}
