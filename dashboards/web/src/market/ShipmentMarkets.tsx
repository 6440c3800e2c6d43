import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { CheckLines } from './CheckLines.tsx';
import css from './market.module.css';
import { useShipmentMarkets } from './market-queries.ts';

/** What the markets of a shipment ask where it leaves and arrives; nothing where no market is set. */
export function ShipmentMarkets({ id }: { id: string }) {
  const { data } = useShipmentMarkets(id);
  const mayTell = useMay('exception.handle');
  const mayRead = useMay('partner.read');
  if (data === undefined || data.checks.length === 0) return null;
  return (
    <section className="section-open" aria-labelledby="markets">
      <h2 id="markets">{say('shipment-markets.title')}</h2>
      <div className={`panel ${css.checks}`}>
        {data.checks.map((check) => (
          <div key={`${check.market} ${check.moment}`}>
            <h3>
              {say(`shipment-markets.${check.moment}`, { market: check.marketName, site: check.siteName })}{' '}
              <span className="muted">{say('shipment-markets.day', { day: check.day })}</span>
            </h3>
            <CheckLines check={check} />
            {check.toLookAt.length === 0 ? null : (
              <p className="muted">
                {say('shipment-markets.look', { elements: check.toLookAt.map(({ name }) => name).join(', ') })}
              </p>
            )}
            {mayRead ? (
              <p>
                <Link
                  to={`/admin/markets/${encodeURIComponent(check.market)}/readiness?${new URLSearchParams({ shipment: id })}`}
                >
                  {say('readiness.packByPack', { market: check.marketName })}
                </Link>
              </p>
            ) : null}
            {mayTell && check.moment === 'receive' && check.missing.length + check.transaction.length > 0 ? (
              <Button
                component={Link}
                to={`/admin/exceptions?draft=${encodeURIComponent(id)}`}
                variant="default"
                size="xs"
              >
                {say('shipment-markets.tell')}
              </Button>
            ) : null}
          </div>
        ))}
      </div>
    </section>
  );
}
