import { TextInput } from '@mantine/core';
import { useDeferredValue } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { QuarantinedView } from '../../../api/index.ts';
import { WhenExact } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { useQuarantine } from './admin-queries.ts';
import { Pages } from './Pages.tsx';

/** What was refused on its way in, with the reason. */
export function Quarantine() {
  return (
    <AdminPage text="quarantine.title" permission="quarantine.read">
      <p className="muted">{say('quarantine.hint')}</p>
      <Refused />
    </AdminPage>
  );
}

function Refused() {
  const [search, setSearch] = useSearchParams();
  const source = search.get('source') ?? '';
  const query = useQuarantine(useDeferredValue(source.trim()));
  return (
    <>
      <div className={`section-open ${css.form}`}>
        <TextInput
          label={say('quarantine.source')}
          type="search"
          value={source}
          onChange={(event) =>
            setSearch(event.currentTarget.value === '' ? {} : { source: event.currentTarget.value }, { replace: true })
          }
        />
      </div>
      <section className="section-open">
        <Pages
          query={query}
          name={say('quarantine.title')}
          empty={say('quarantine.empty')}
          emptyHint={source === '' ? say('quarantine.empty.hint') : say('quarantine.empty.filtered', { source })}
        >
          {(entries: readonly QuarantinedView[]) => (
            <table className={`table cards ${css.table}`}>
              <thead>
                <tr>
                  <th scope="col">{say('quarantine.source')}</th>
                  <th scope="col">{say('quarantine.reason')}</th>
                  <th scope="col">{say('quarantine.message')}</th>
                  <th scope="col" className="right">
                    {say('quarantine.arrived')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {entries.map((entry) => (
                  <Row key={entry.id} entry={entry} />
                ))}
              </tbody>
            </table>
          )}
        </Pages>
      </section>
    </>
  );
}

function Row({ entry }: { entry: QuarantinedView }) {
  const { source, topic, reason, detail, arrival } = entry;
  return (
    <tr>
      <td>
        {source === null ? (
          <span className="muted">{say('quarantine.source.nobody')}</span>
        ) : (
          <Link to={`/devices/${encodeURIComponent(source)}`}>{source}</Link>
        )}
      </td>
      <td data-label={say('quarantine.reason')}>
        <div>
          <code>{reason}</code>
          <div>{detail}</div>
        </div>
      </td>
      <td data-label={say('quarantine.message')}>
        <details>
          <summary>
            <code>{topic}</code>
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
          <pre className={css.message} tabIndex={0}>
            {textOf(entry.payload)}
          </pre>
        </details>
      </td>
      <td data-label={say('quarantine.arrived')} className="right muted">
        <WhenExact at={arrival} />
      </td>
    </tr>
  );
}

const SHOWN = 2_000;

function textOf(payload: string): string {
  const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  } catch {
    // Not text: a gateway's own form.
    return say('quarantine.bytes', { bytes: bytes.length });
  }
}
