import { Button, SegmentedControl } from '@mantine/core';
import { IconFileTypePdf } from '@tabler/icons-react';
import { useParams } from 'react-router';
import type { SharedShipmentView } from '../../../api/index.ts';
import { segment } from '../ask.ts';
import { LazyChart } from '../chart/LazyChart.tsx';
import { silencesOf } from '../chart/silence.ts';
import { useNow } from '../live/useNow.ts';
import { ConditionMark, conditionText } from '../parts/Marks.tsx';
import { Loading } from '../parts/States.tsx';
import { When, WhenExact } from '../parts/When.tsx';
import { Say } from '../text/Say.tsx';
import { language, say } from '../text/say.ts';
import { count, counted, degrees } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { showIn } from '../words/scale.ts';
import { profileText, stateText } from '../words/shipment.ts';
import { useOwnScale } from './own-scale.ts';
import { HeadByLink, PageByLink } from './PageByLink.tsx';
import css from './SharedShipment.module.css';
import { useSharedChart, useSharedSerials, useSharedShipment } from './share-queries.ts';

/** One shipment as a customer sees it by a link: no account, no menu, nothing else of the installation. */
export function SharedShipment() {
  const { token = '' } = useParams();
  const asked = useSharedShipment(token);
  const [scale, chooseScale] = useOwnScale();
  // Before anything below asks: figures are written while it is drawn.
  showIn(scale);
  return (
    <PageByLink
      asked={asked}
      text="shared.title"
      titleOf={({ shipment }) => shipment}
      visits={`/shared/${segment(token)}/visits`}
    >
      {(shipment) => (
        <>
          <SegmentedControl
            className={css.unit}
            size="xs"
            aria-label={say('shared.unit')}
            data={[
              { value: 'C', label: '°C' },
              { value: 'F', label: '°F' },
            ]}
            value={scale}
            onChange={(value) => chooseScale(value === 'F' ? 'F' : 'C')}
          />
          {/* A chart is drawn for one unit. */}
          <Shown key={scale} shipment={shipment} token={token} />
        </>
      )}
    </PageByLink>
  );
}

function Shown({ shipment, token }: { shipment: SharedShipmentView; token: string }) {
  const now = useNow();
  const shows = (content: SharedShipmentView['contents'][number]) => shipment.contents.includes(content);
  const condition = { ...shipment.condition, device: null };
  return (
    <>
      <HeadByLink title={say('shipment.shipment', { id: shipment.shipment })}>
        {shipment.organisation ?? say('frame.isotherm')} · {say('shared.for', { recipient: shipment.recipient })}
      </HeadByLink>
      <section className={`panel ${css.state} ${css[shipment.condition.state]}`} aria-label={say('shared.state')}>
        <ConditionMark state={shipment.condition.state} size={40} label={null} />
        <div>
          <p className={css.stateWords}>{conditionText(condition)}</p>
          <p>{say(`shared.meaning.${shipment.condition.pending === null ? shipment.condition.state : 'pending'}`)}</p>
        </div>
        <p className={`figure ${css.now}`}>
          <Measured condition={shipment.condition} />
        </p>
      </section>
      <dl className={`panel ${css.facts}`}>
        <Fact name={say('shared.allowed')}>{profileText({ ...shipment.profile, id: '' })}</Fact>
        <Fact name={say('shared.measured')}>
          {shipment.condition.at === null ? say('parts.noReadingYet') : <When at={shipment.condition.at} now={now} />}
        </Fact>
        <Fact name={say('shared.way')}>
          {shipment.origin} → {shipment.destination}
        </Fact>
        <Fact name={say('shared.where')}>
          {stateText(shipment.state)}
          {shipment.place === null ? '' : `, ${shipment.place}`}
        </Fact>
        <Fact name={shipment.leftAt === null ? say('shared.departs') : say('shared.left')}>
          <WhenExact at={shipment.leftAt ?? shipment.departs} />
        </Fact>
        {shipment.receivedAt !== null ? (
          <Fact name={say('shared.received')}>
            <WhenExact at={shipment.receivedAt} />
          </Fact>
        ) : shipment.arrives === null ? null : (
          <Fact name={say('shared.arrives')}>
            <WhenExact at={shipment.arrives} />
          </Fact>
        )}
        <Fact name={say('shared.goods')} isWide>
          {shipment.products.map(({ gtin, name, lot, expiry }) => (
            <span key={`${gtin} ${lot}`} className={css.product}>
              {name}
              {lot === null ? null : (
                <span className="muted">
                  {' '}
                  {say('shared.lot', { lot, hasExpiry: expiry === null ? 'no' : 'yes', expiry })}
                </span>
              )}
            </span>
          ))}
          <span className={css.product}>{counted(shipment.serialCount, 'serial')}</span>
        </Fact>
      </dl>
      {shows('chart') ? <Chart shipment={shipment} token={token} now={now} /> : null}
      <Units shipment={shipment} />
      {shows('serials') ? <Serials token={token} total={shipment.serialCount} /> : null}
      {shows('report') ? <Report token={token} /> : null}
      <footer className="muted">
        {shipment.sharer === null ? null : <p>{say('shared.by', { sharer: shipment.sharer })}</p>}
        <p>
          <Say text="shared.until" values={{ at: <WhenExact at={shipment.endsAt} /> }} />
        </p>
        <p>{say('shared.recorded')}</p>
      </footer>
    </>
  );
}

/** The latest value, and whether it is what the logger sent. */
function Measured({ condition: { temperature, received } }: { condition: SharedShipmentView['condition'] }) {
  if (temperature === null) return '–';
  if (received === undefined) return degrees(temperature);
  return (
    <>
      {degrees(temperature)}{' '}
      <span className={`muted ${css.corrected}`} title={say('parts.corrected.from', { received: degrees(received) })}>
        {say('parts.corrected')}
      </span>
    </>
  );
}

function Fact({ name, children, isWide = false }: { name: string; children: React.ReactNode; isWide?: boolean }) {
  return (
    <div className={isWide ? css.wide : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Chart({ shipment, token, now }: { shipment: SharedShipmentView; token: string; now: number }) {
  const { data, error, isPending } = useSharedChart(token);
  const lines = (data?.loggers ?? []).flatMap(({ items }, nth) =>
    items.length === 0
      ? []
      : [
          {
            label: say('shared.logger', { number: nth + 1 }),
            series: {
              time: items.map(({ time }) => Date.parse(time) / 1000),
              value: items.map(({ mean }) => mean),
              min: items.map(({ min }) => min),
              max: items.map(({ max }) => max),
            },
          },
        ],
  );
  const [only] = lines;
  const first = Math.min(...lines.map(({ series }) => (series.time[0] ?? 0) * 1000));
  const last = Math.max(...lines.map(({ series }) => (series.time.at(-1) ?? 0) * 1000));
  return (
    <section className="panel section" aria-labelledby="shared-chart">
      <h2 id="shared-chart">{say('shared.chart')}</h2>
      {isPending ? (
        <Loading rows={4} />
      ) : error !== null ? (
        <p className="trouble">{error.message}</p>
      ) : only === undefined ? (
        <p className="muted">{say('shared.chart.none')}</p>
      ) : (
        <LazyChart
          lines={lines}
          unit="°C"
          limits={shipment.profile}
          excursions={[]}
          silences={lines.length > 1 ? [] : silencesOf(only.series.time, shipment.receivedAt === null ? now : last)}
          stretch={{ from: first, to: shipment.receivedAt === null ? now : last }}
          label={say('shared.chart.of', { id: shipment.shipment })}
        />
      )}
    </section>
  );
}

function Units({ shipment: { units } }: { shipment: SharedShipmentView }) {
  if (units.length === 0) return null;
  return (
    <section className="panel section" aria-labelledby="shared-units">
      <h2 id="shared-units">{say('shipment.units')}</h2>
      <ul className={css.units}>
        {units.map(({ epc, serialCount, condition }) => (
          <li key={epc}>
            <ConditionMark state={condition.state} size={18} label={conditionText({ ...condition, device: null })} />
            <span className="figure">{unitText(epc)}</span>
            <span className="muted">{counted(serialCount, 'serial')}</span>
            <span className="spring" />
            <span className="figure">
              <Measured condition={condition} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Serials({ token, total }: { token: string; total: number }) {
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useSharedSerials(token);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <details className="panel section">
      <summary>
        <h2 className={css.summary}>{say('shared.serials', { total: count(total) })}</h2>
      </summary>
      {error === null ? null : <p className="trouble">{error.message}</p>}
      <table className="table cards">
        <thead>
          <tr>
            <th scope="col">{say('shared.gtin')}</th>
            <th scope="col">{say('shared.serial')}</th>
            <th scope="col">{say('shared.lotName')}</th>
            <th scope="col">{say('shared.expiry')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ gtin, serial, lot, expiry }) => (
            <tr key={`${gtin} ${serial}`}>
              <td className="figure" data-label={say('shared.gtin')}>
                {gtin}
              </td>
              <td className="figure" data-label={say('shared.serial')}>
                {serial}
              </td>
              <td data-label={say('shared.lotName')}>{lot ?? '–'}</td>
              <td className={`figure ${css.date}`} data-label={say('shared.expiry')}>
                {expiry ?? '–'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {hasNextPage ? (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {say('shared.more')}
        </Button>
      ) : null}
    </details>
  );
}

function Report({ token }: { token: string }) {
  return (
    <section className="panel section" aria-labelledby="shared-report">
      <h2 id="shared-report">{say('shared.report')}</h2>
      <p className={css.report}>{say('shared.report.about')}</p>
      <div className="buttons">
        <Button
          component="a"
          href={`/api/v1/shared/${segment(token)}/report.pdf?language=${language()}`}
          leftSection={<IconFileTypePdf size={18} stroke={1.6} />}
        >
          {say('parts.report')}
        </Button>
        <a href="/ledger/checkpoint">{say('shared.checkpoint')}</a>
      </div>
    </section>
  );
}
