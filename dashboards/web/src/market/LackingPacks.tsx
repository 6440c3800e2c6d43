import { Link } from 'react-router';
import type { MarketReadinessView } from '../../../api/index.ts';
import { say } from '../text/say.ts';

/** Shown; all of them are in the files. */
const MOST_ROWS = 200;

/** Packs of which something is asked for and nobody has told it, each with the clause that asks. */
export function LackingPacks({ readiness: { items, sources } }: { readiness: MarketReadinessView }) {
  const lacking = items.filter(({ lacks }) => lacks.length > 0);
  if (lacking.length === 0) return null;
  const laws = [
    ...new Set(lacking.flatMap(({ lacks }) => lacks.map(({ source }) => sources[source]?.title ?? source))),
  ];
  // One law is named once, not with every pack.
  const clauseOf = ({ source, clause }: (typeof lacking)[number]['lacks'][number]) =>
    laws.length === 1 ? clause : `${sources[source]?.title ?? source} ${clause}`;
  return (
    <section className="section-open">
      <h2>{say('readiness.packs')}</h2>
      {laws.length === 1 ? (
        <p className="muted">
          {say('market.asked.source')}: {laws[0]}
        </p>
      ) : null}
      <div className="panel scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('readiness.pack')}</th>
              <th scope="col">{say('readiness.lot')}</th>
              <th scope="col">{say('readiness.expiry')}</th>
              <th scope="col">{say('market.lacks')}</th>
              <th scope="col">{say('market.asked.source')}</th>
            </tr>
          </thead>
          <tbody>
            {lacking.slice(0, MOST_ROWS).map(({ epc, gtin, serial, lot, expiry, lacks }) => (
              <tr key={epc}>
                <td>
                  <Link to={`/serials/${encodeURIComponent(epc)}`}>{serial ?? epc}</Link>{' '}
                  <span className="muted">{gtin}</span>
                </td>
                <td data-label={say('readiness.lot')}>{lot ?? '–'}</td>
                <td data-label={say('readiness.expiry')}>{expiry ?? '–'}</td>
                <td data-label={say('market.lacks')}>{lacks.map(({ name }) => name).join(', ')}</td>
                <td data-label={say('market.asked.source')} className="muted">
                  {[...new Set(lacks.map(clauseOf))].join('; ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {lacking.length > MOST_ROWS ? <p className="muted">{say('readiness.more', { shown: MOST_ROWS })}</p> : null}
    </section>
  );
}
