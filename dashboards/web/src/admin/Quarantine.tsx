import { TextInput } from '@mantine/core';
import { useDeferredValue } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { QuarantinedView } from '../../../api/index.ts';
import { RegisterDevice } from '../device/RegisterDevice.tsx';
import { When, WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { useQuarantine } from './admin-queries.ts';
import { Pages } from './Pages.tsx';
import { QuarantineDecision } from './QuarantineDecision.tsx';
import { TryMessage } from './TryMessage.tsx';

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
  const mayDecide = useMay('quarantine.decide');
  // Everything of a sender is only offered for one that is there.
  const known = query.data?.pages[0]?.items.find((entry) => entry.source === source.trim())?.source ?? null;
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
      {known === null || !mayDecide ? null : <QuarantineDecision key={known} of={{ source: known }} />}
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
                  <th scope="col">{say('quarantine.arrived')}</th>
                  <th scope="col">{say('quarantine.decision')}</th>
                </tr>
              </thead>
              <tbody>
                {entries.map((entry, index) => (
                  <Row
                    key={entry.id}
                    entry={entry}
                    isFirst={entries.findIndex(({ source }) => source === entry.source) === index}
                  />
                ))}
              </tbody>
            </table>
          )}
        </Pages>
      </section>
    </>
  );
}

/** @param isFirst of its sender: there the sender can be registered */
function Row({ entry, isFirst }: { entry: QuarantinedView; isFirst: boolean }) {
  const { source, topic, reason, detail, arrival } = entry;
  return (
    <tr>
      <td>
        {source === null ? (
          <span className="muted">{say('quarantine.source.nobody')}</span>
        ) : (
          <div className={css.sender}>
            <Link to={`/devices/${encodeURIComponent(source)}`}>{source}</Link>
            {isFirst && isUnknownDevice(entry) ? <RegisterDevice id={source} /> : null}
          </div>
        )}
      </td>
      <td data-label={say('quarantine.reason')}>
        <div>
          <code>{reason}</code>
          <div>{detail}</div>
        </div>
      </td>
      <td data-label={say('quarantine.message')}>
        <div>
          <details>
            <summary>
              <code>{topic}</code>
            </summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
            <pre className={css.message} tabIndex={0}>
              {textOf(entry.payload)}
            </pre>
          </details>
          <TryMessage of={entry} />
        </div>
      </td>
      <td data-label={say('quarantine.arrived')} className="muted">
        <WhenExact at={arrival} />
      </td>
      <td data-label={say('quarantine.decision')}>
        <Decision entry={entry} />
      </td>
    </tr>
  );
}

/** A sender of a topic that is not its own is one that has credentials; what it is to be is said there. */
function isUnknownDevice({ reason }: QuarantinedView): boolean {
  return !reason.startsWith('TOPIC_') && !reason.startsWith('BATCH_') && reason !== 'SOURCE_FOREIGN';
}

function Decision({ entry: { id, decision } }: { entry: QuarantinedView }) {
  const mayDecide = useMay('quarantine.decide');
  if (decision === null) {
    return mayDecide ? <QuarantineDecision of={{ id }} /> : <span className="muted">{say('quarantine.waiting')}</span>;
  }
  return (
    <span>
      {say(`quarantine.decision.${decision.decision}`, { who: decision.by, reason: decision.reason })}{' '}
      <span className="muted">
        <When at={decision.at} />
      </span>
    </span>
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
