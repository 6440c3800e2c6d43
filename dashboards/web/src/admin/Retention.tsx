import { Button } from '@mantine/core';
import { Link } from 'react-router';
import type { RetentionView } from '../../../api/index.ts';
import { Failed, Loading } from '../parts/States.tsx';
import { When, WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { Pages } from './Pages.tsx';
import { type DeletionRow, useDeletions, useRetention } from './record-queries.ts';

/** What is kept how long, what beyond that, and what was deleted. It is changed in the configuration alone. */
export function Retention() {
  return (
    <AdminPage text="retention.title" permission="audit.read">
      <p className={css.lead}>{say('retention.hint')}</p>
      <InForce />
      <Deleted />
    </AdminPage>
  );
}

function InForce() {
  const { data, error, isPending, refetch } = useRetention();
  if (isPending) return <Loading rows={6} height={48} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('retention.title')} onRetry={() => void refetch()} />;
  return (
    <>
      <Settings retention={data} />
      <Beyond kept={data.kept} />
    </>
  );
}

const SETTINGS = ['readings', 'originals', 'files', 'log', 'records', 'afterExpiry'] as const;

function Settings({ retention }: { retention: RetentionView }) {
  return (
    <section className="section-open">
      <h2>{say('retention.settings')}</h2>
      <div className="panel scroll">
        <table className={`table cards ${css.table}`}>
          <thead>
            <tr>
              <th scope="col">{say('retention.what')}</th>
              <th scope="col">{say('retention.kept')}</th>
              <th scope="col">{say('retention.setting')}</th>
            </tr>
          </thead>
          <tbody>
            {SETTINGS.map((setting) => (
              <tr key={setting}>
                <td>{say(`retention.${setting}`)}</td>
                <td data-label={say('retention.kept')}>{ageText(retention[setting])}</td>
                <td data-label={say('retention.setting')}>
                  <code>{`retention.${setting}`}</code>
                </td>
              </tr>
            ))}
            {retention.ofMarket === null ? null : (
              <tr>
                <td>{say('retention.ofMarket')}</td>
                <td data-label={say('retention.kept')}>{ageText(retention.ofMarket.records)}</td>
                <td data-label={say('retention.setting')}>{retention.ofMarket.market}</td>
              </tr>
            )}
            <tr>
              <td>{say('retention.never')}</td>
              <td data-label={say('retention.kept')}>{say('retention.notDeleted')}</td>
              <td data-label={say('retention.setting')} className="muted">
                –
              </td>
            </tr>
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Days in words; anything else as it stands in the file. */
function ageText(setting: string | null): string {
  if (setting === null) return say('retention.forever');
  const days = /^(\d+)d$/.exec(setting)?.[1];
  return days === undefined ? setting : say('retention.days', { days: Number(days) });
}

function Beyond({ kept: { onHold, underAlert, inRecordPeriod } }: { kept: RetentionView['kept'] }) {
  const mayHold = useMay('hold.change');
  return (
    <section className="panel section">
      <h2>{say('retention.beyond')}</h2>
      <p className="muted">{say('retention.beyond.hint')}</p>
      <dl className={css.facts}>
        <dt>{say('retention.held')}</dt>
        <dd>{say('retention.counts', onHold)}</dd>
        <dt>{say('retention.alerts')}</dt>
        <dd>{say('retention.counts', underAlert)}</dd>
        <dt>{say('retention.period')}</dt>
        <dd>{say('retention.shipments', { shipments: inRecordPeriod })}</dd>
      </dl>
      {mayHold ? (
        <Button component={Link} to="/admin/holds" size="xs" variant="default">
          {say('retention.holds.go')}
        </Button>
      ) : null}
    </section>
  );
}

function Deleted() {
  const query = useDeletions();
  return (
    <section className="section-open">
      <h2>{say('retention.deletions')}</h2>
      <Pages query={query} name={say('retention.deletions')} empty={say('retention.deletions.empty')}>
        {(deletions: readonly DeletionRow[]) => (
          <table className={`table cards ${css.table}`}>
            <thead>
              <tr>
                <th scope="col">{say('retention.what')}</th>
                <th scope="col">{say('retention.deletions.range')}</th>
                <th scope="col">{say('retention.deletions.count')}</th>
                <th scope="col">{say('retention.deletions.stayed')}</th>
                <th scope="col">{say('retention.deletions.why')}</th>
                <th scope="col">{say('retention.deletions.at')}</th>
              </tr>
            </thead>
            <tbody>
              {deletions.map((deletion) => (
                <Row key={deletion.id} deletion={deletion} />
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </section>
  );
}

function Row({ deletion: { what, from, to, setting, extent, deleted, kept, at } }: { deletion: DeletionRow }) {
  return (
    <tr>
      <td>
        <span>
          {say(`retention.${what}`)}{' '}
          <span className="muted">
            {say(extent === 'all' ? 'retention.deletions.extent.all' : 'retention.deletions.extent.some')}
          </span>
        </span>
      </td>
      <td data-label={say('retention.deletions.range')}>
        <span>
          <When at={from} /> – <When at={to} />
        </span>
      </td>
      <td data-label={say('retention.deletions.count')}>
        {deleted === null ? <span className="muted">{say('retention.deletions.cut')}</span> : count(deleted)}
      </td>
      <td data-label={say('retention.deletions.stayed')}>{kept === null ? '–' : count(kept)}</td>
      <td data-label={say('retention.deletions.why')}>
        <code>{setting}</code>
      </td>
      <td data-label={say('retention.deletions.at')}>
        <WhenExact at={at} />
      </td>
    </tr>
  );
}
