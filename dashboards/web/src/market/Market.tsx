import { Button } from '@mantine/core';
import { IconChecklist } from '@tabler/icons-react';
import { Link, useParams } from 'react-router';
import type { MarketView } from '../../../api/index.ts';
import { AdminPage } from '../admin/AdminPage.tsx';
import { Failed, Loading } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { MarketStanding } from './MarketStanding.tsx';
import css from './market.module.css';
import { useMarket } from './market-queries.ts';

/** One market: what is asked, since when and by which source, where it holds here, what lacks, and what is not covered. */
export function MarketPage() {
  const { id = '' } = useParams();
  return (
    <AdminPage text="markets.title" permission="partner.read">
      <p className="crumbs">
        <Link to="/admin/markets">{say('market.back')}</Link>
      </p>
      <Shown id={id} />
    </AdminPage>
  );
}

function Shown({ id }: { id: string }) {
  const { data: market, error, isPending, refetch } = useMarket(id);
  if (isPending) return <Loading rows={8} height={60} />;
  if (market === undefined)
    return <Failed error={error ?? new Error('')} what={say('markets.market')} onRetry={() => void refetch()} />;
  return (
    <>
      <h2 className={css.name}>{market.name}</h2>
      <p className="muted">
        {market.authority} · {say('markets.described.of', { day: market.asOf, version: market.version })}
      </p>
      <Button
        component={Link}
        to={`/admin/markets/${encodeURIComponent(id)}/readiness`}
        variant="default"
        leftSection={<IconChecklist size={17} />}
      >
        {say('readiness.title')}
      </Button>
      <MarketStanding market={market} />
      <Asked market={market} />
      <Periods market={market} />
      <Answers market={market} />
      <section className="section-open">
        <h2>{say('market.not')}</h2>
        <ul className={`panel ${css.list}`}>
          {market.notCovered.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      </section>
      <Sources market={market} />
    </>
  );
}

/** What a source is called where it is told by; the clause where there is one. */
function By({ market, source, clause }: { market: MarketView; source: string; clause: string }) {
  const title = market.sources[source]?.title ?? source;
  return (
    <span className="muted">
      {title}
      {clause === '' ? '' : `, ${clause}`}
    </span>
  );
}

function Asked({ market }: { market: MarketView }) {
  return (
    <section className="section-open">
      <h2>{say('market.asked')}</h2>
      <div className="panel scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('market.asked.element')}</th>
              <th scope="col">{say('market.asked.since')}</th>
              <th scope="col">{say('market.asked.source')}</th>
            </tr>
          </thead>
          <tbody>
            {market.identifier.map((element) => (
              <tr key={`${element.name} ${element.from}`}>
                <td>
                  {element.name} {element.ai === null ? null : <span className="muted">({element.ai})</span>}
                </td>
                <td data-label={say('market.asked.since')}>
                  {element.to === null
                    ? say('market.asked.from', { from: element.from })
                    : say('market.asked.days', { from: element.from, to: element.to })}
                  {element.if === null ? null : `, ${say('market.asked.if', { condition: element.if })}`}
                </td>
                <td data-label={say('market.asked.source')}>
                  <By market={market} {...element} />
                </td>
              </tr>
            ))}
            {market.transaction === null ? null : (
              <tr>
                <td>{say('market.transaction')}</td>
                <td data-label={say('market.asked.since')}>
                  {say('market.asked.from', { from: market.transaction.from })}
                </td>
                <td data-label={say('market.asked.source')}>
                  <By market={market} {...market.transaction} />
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
      <h2 className={css.next}>{say('market.force')}</h2>
      <ul className={`panel ${css.list}`}>
        {market.force.map(({ who, from, source, clause }) => (
          <li key={`${who} ${from}`}>
            {who}, {say('market.asked.from', { from })} <By market={market} source={source} clause={clause} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Periods({ market }: { market: MarketView }) {
  return (
    <section className="section-open">
      {market.periods.length === 0 ? null : (
        <>
          <h2>{say('market.periods')}</h2>
          <ul className={`panel ${css.list}`}>
            {market.periods.map(({ what, within, is, source, clause }) => (
              <li key={what}>
                {what}: <b>{within}</b> {is === null ? null : <span>({say('market.period.applied')}) </span>}
                <By market={market} source={source} clause={clause} />
              </li>
            ))}
          </ul>
        </>
      )}
      {market.reports.length === 0 ? null : (
        <>
          <h2 className={css.next}>{say('market.reports')}</h2>
          <ul className={`panel ${css.list}`}>
            {market.reports.map(({ what, to, covered, screen }) => (
              <li key={what}>
                {say('market.reports.to', { what, to })}:{' '}
                {screen === null ? (
                  <b>{say(covered === null ? 'market.reports.not' : 'market.reports.made')}</b>
                ) : (
                  <Link to={screen}>{say('market.reports.made')}</Link>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Answers({ market }: { market: MarketView }) {
  if (market.answers.length === 0) return null;
  // What several systems say in codes of their own.
  const same = Map.groupBy(market.answers, ({ name, cause, isAlert }) => JSON.stringify([name, cause, isAlert]));
  return (
    <section className="section-open">
      <h2>{say('market.answers')}</h2>
      <div className="panel scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('market.answers')}</th>
              <th scope="col">{say('market.answers.cause')}</th>
            </tr>
          </thead>
          <tbody>
            {[...same].map(([key, [one, ...others]]) =>
              one === undefined ? null : (
                <tr key={key}>
                  <td>
                    <b>{[one, ...others].map(({ code }) => code).join(', ')}</b>{' '}
                    <span className="muted">{one.name}</span>
                  </td>
                  <td data-label={say('market.answers.cause')}>
                    {one.cause}
                    {one.isAlert ? null : (
                      <span className="muted">
                        {one.cause === null ? '' : ', '}
                        {say('market.answers.noAlert')}
                      </span>
                    )}
                  </td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Sources({ market }: { market: MarketView }) {
  return (
    <section className="section-open">
      <h2>{say('market.sources')}</h2>
      <ul className={`panel ${css.list}`}>
        {Object.entries(market.sources).map(([key, { title, read }]) => (
          <li key={key}>
            {title}: <b>{say(`market.read.${read}`)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}
