import { Link } from 'react-router';
import { AdminPage } from '../admin/AdminPage.tsx';
import css from '../admin/admin.module.css';
import { Failed, Loading } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { useAssignments, useMarkets } from './market-queries.ts';

/** The markets that are known, and which of them are set on anything here. */
export function Markets() {
  return (
    <AdminPage text="markets.title" permission="partner.read">
      <p className={css.lead}>{say('markets.lead')}</p>
      <List />
    </AdminPage>
  );
}

function List() {
  const { data, error, isPending, refetch } = useMarkets();
  const { data: assigned } = useAssignments();
  if (isPending) return <Loading rows={7} height={52} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('markets.title')} onRetry={() => void refetch()} />;
  const count = (market: string, kind: string) =>
    new Set(
      (assigned?.items ?? []).flatMap((one) =>
        one.market === market && one.subject.startsWith(kind) ? [one.subject] : [],
      ),
    ).size;
  const rows = data.items
    .map(({ id, ...market }) => ({ ...market, id, sites: count(id, 'site:'), products: count(id, 'product:') }))
    .toSorted((a, b) => Number(b.sites + b.products > 0) - Number(a.sites + a.products > 0));
  return (
    <section className="section-open">
      <div className="panel scroll">
        <table className={`table cards ${css.table}`}>
          <thead>
            <tr>
              <th scope="col">{say('markets.market')}</th>
              <th scope="col">{say('markets.holds')}</th>
              <th scope="col">{say('markets.described')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, name, authority, sites, products, asOf, version }) => (
              <tr key={id}>
                <td>
                  <Link to={`/admin/markets/${id}`}>
                    <b>{name}</b>
                  </Link>
                  <br />
                  <span className="muted">{authority}</span>
                </td>
                <td data-label={say('markets.holds')}>
                  {sites + products === 0 ? (
                    <span className="muted">{say('markets.holds.none')}</span>
                  ) : (
                    say('markets.holds.some', { sites, products })
                  )}
                </td>
                <td data-label={say('markets.described')} className="muted">
                  {say('markets.described.of', { day: asOf, version })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
