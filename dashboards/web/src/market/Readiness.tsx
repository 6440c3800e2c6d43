import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { Link, useParams, useSearchParams } from 'react-router';
import type { MarketReadinessView } from '../../../api/index.ts';
import { AdminPage } from '../admin/AdminPage.tsx';
import { Failed, Loading } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { counted } from '../words/figures.ts';
import { AskReadiness } from './AskReadiness.tsx';
import { fieldText, productText } from './CheckLines.tsx';
import { LackingPacks } from './LackingPacks.tsx';
import css from './market.module.css';
import { type ReadinessAsked, readinessAddress, useMarket, useReadiness } from './market-queries.ts';

/** Whether the goods of a shipment, or at a site now, are ready for a market: what lacks, with the clause that asks for it. */
export function ReadinessPage() {
  const { id = '' } = useParams();
  const [search, setSearch] = useSearchParams();
  const asked = askedIn(search);
  const { data: market } = useMarket(id);
  const { data, error, isLoading, refetch } = useReadiness(id, asked);
  return (
    <AdminPage text="readiness.title" permission="partner.read">
      <p className="crumbs">
        <Link to={`/admin/markets/${encodeURIComponent(id)}`}>{market?.name ?? say('markets.market')}</Link>
      </p>
      <p className="muted">{say('readiness.lead')}</p>
      <AskReadiness key={search.toString()} asked={asked} onAsk={setSearch} />
      {asked === null ? null : isLoading ? (
        <Loading rows={4} height={52} />
      ) : data === undefined ? (
        <Failed error={error ?? new Error('')} what={say('readiness.title')} onRetry={() => void refetch()} />
      ) : (
        <Found readiness={data} asked={asked} />
      )}
    </AdminPage>
  );
}

/** What the address asks for; null: nothing yet. */
function askedIn(search: URLSearchParams): ReadinessAsked | null {
  const [shipment, site, day] = ['shipment', 'site', 'day'].map((name) => search.get(name) ?? '');
  const of = shipment ? { shipment } : site ? { site } : null;
  return of === null ? null : { ...of, ...(day ? { day } : {}) };
}

function Found({ readiness, asked }: { readiness: MarketReadinessView; asked: ReadinessAsked }) {
  const { market, packs, lacking, day, version } = readiness;
  return (
    <div className="section-open">
      <div className="head">
        <b>{verdictOf(readiness)}</b>
        <span className="muted">{say('readiness.law', { day, version })}</span>
        <span className="spring" />
        <div className="buttons">
          {(['pdf', 'csv'] as const).map((form) => (
            <Button
              key={form}
              component="a"
              variant="default"
              leftSection={<IconDownload size={17} />}
              href={readinessAddress(market, asked, form)}
              target="_blank"
              rel="noreferrer"
            >
              {say(`readiness.${form}`)}
            </Button>
          ))}
        </div>
      </div>
      <Gaps readiness={readiness} />
      <LackingPacks readiness={readiness} />
      {lacking < packs && packs > 0 ? (
        <p className="muted">{say('readiness.others', { packs: packs - lacking })}</p>
      ) : null}
      <ToLookAt readiness={readiness} />
    </div>
  );
}

/** In one sentence. That nothing is missing clears nothing. */
function verdictOf({ asked, packs, lacking, isLacking, subject }: MarketReadinessView): string {
  const of = subject.replace(/^shipment:/, '');
  if (asked.length === 0) return say('readiness.nothingAsked');
  if (lacking > 0) return say('readiness.lacking', { of, lacking, packs: counted(packs, 'serial') });
  if (packs === 0) return say('readiness.noPacks', { of });
  return isLacking ? say('readiness.beside', { of }) : say('readiness.whole', { of });
}

/** What lacks beside single packs. */
function Gaps({ readiness: { transaction, unlisted, elsewhere } }: { readiness: MarketReadinessView }) {
  const lines = [
    ...unlisted.map((goods) => say('shipment-markets.noSerials', { product: productText(goods) })),
    ...(transaction?.missing ?? []).map(
      (path) => `${say('shipment-markets.transaction', { field: fieldText(path) })} (${transaction?.clause})`,
    ),
    ...elsewhere.map(({ gtin, packs }) => say('readiness.elsewhere', { gtin, packs })),
  ];
  if (lines.length === 0) return null;
  return (
    <section className="section-open">
      <h2>{say('readiness.gaps')}</h2>
      <ul className={`panel ${css.list}`}>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}

/** What no data tells. */
function ToLookAt({ readiness: { toLookAt, sources } }: { readiness: MarketReadinessView }) {
  if (toLookAt.length === 0) return null;
  return (
    <section className="section-open">
      <h2>{say('readiness.look')}</h2>
      <ul className={`panel ${css.list}`}>
        {toLookAt.map(({ name, if: condition, source, clause }) => (
          <li key={`${name} ${clause}`}>
            {name}
            {condition === null ? '' : `, ${say('market.asked.if', { condition })}`}{' '}
            <span className="muted">
              {sources[source]?.title ?? source}
              {clause === '' ? '' : `, ${clause}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
