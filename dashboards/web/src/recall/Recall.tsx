import { Button, TextInput } from '@mantine/core';
import { IconDownload, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { RecallView } from '../../../api/index.ts';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { When } from '../parts/When.tsx';
import { type RecallWish, useRecall } from '../queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { PackTabs } from '../verify/PackTabs.tsx';
import { count, counted } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { stateText } from '../words/shipment.ts';
import { statusText } from '../words/status.ts';
import css from './Recall.module.css';

const FIELDS = [
  {
    name: 'gtin',
    get label() {
      return say('recall.gtin');
    },
    get hint() {
      return say('recall.14Digits');
    },
  },
  {
    name: 'lot',
    get label() {
      return say('recall.lot');
    },
    get hint() {
      return say('recall.asPrintedOnThePack');
    },
  },
  {
    name: 'shipment',
    get label() {
      return say('recall.shipment');
    },
    get hint() {
      return say('recall.itsNumber');
    },
  },
] as const;

/** Where every serial of a lot is now, who has it, and the list to send out. */
export function Recall() {
  useTitle(say('recall.recall'));
  const [search, setSearch] = useSearchParams();
  const wish: RecallWish = {
    gtin: search.get('gtin') ?? '',
    lot: search.get('lot') ?? '',
    shipment: search.get('shipment') ?? '',
  };
  const isAsked = Object.values(wish).some((value) => value !== '');
  const query = useRecall(wish, isAsked);
  const first = query.data?.pages[0];
  return (
    <>
      <PackTabs />
      <h1>{say('recall.recall')}</h1>
      <p className="muted">{say('recall.whereEverySerialOfA')}</p>
      <Ask key={search.toString()} wish={wish} onAsk={(given) => setSearch(given)} />
      {!isAsked ? (
        <Nothing title={say('recall.nothingAskedYet')}>{say('recall.aLotNumberAloneIs')}</Nothing>
      ) : query.isPending ? (
        <Loading rows={4} height={70} />
      ) : first === undefined ? (
        <Failed
          error={query.error ?? new Error('')}
          what={say('recall.theRecall')}
          onRetry={() => void query.refetch()}
        />
      ) : first.count === 0 && first.elsewhere > 0 ? (
        <Nothing title={say('recall.nothingHere')}>{say('recall.allElsewhere', { count: first.elsewhere })}</Nothing>
      ) : first.count === 0 ? (
        <Nothing title={say('recall.noSerialIsKnownBy')}>{say('recall.checkTheDigitsOrAsk')}</Nothing>
      ) : (
        <>
          <Found recall={first} wish={wish} />
          <Serials pages={query.data?.pages ?? []} total={first.count} />
          {query.hasNextPage ? (
            <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {say('recall.showMoreSerials')}
            </Button>
          ) : null}
        </>
      )}
    </>
  );
}

function Ask({ wish, onAsk }: { wish: RecallWish; onAsk: (given: Record<string, string>) => void }) {
  const [given, setGiven] = useState<RecallWish>(wish);
  return (
    <form
      className={`panel section ${css.recallAsk}`}
      onSubmit={(event) => {
        event.preventDefault();
        const entries = Object.entries(given).map(([name, value]) => [name, value.trim()] as const);
        onAsk(Object.fromEntries(entries.filter(([, value]) => value !== '')));
      }}
    >
      {FIELDS.map(({ name, label, hint }) => (
        <TextInput
          key={name}
          label={label}
          placeholder={hint}
          value={given[name]}
          onChange={(event) => setGiven({ ...given, [name]: event.currentTarget.value })}
        />
      ))}
      <Button type="submit" leftSection={<IconSearch size={17} />}>
        {say('recall.find')}
      </Button>
    </form>
  );
}

function Found({ recall, wish }: { recall: RecallView; wish: RecallWish }) {
  const entries = Object.entries(wish).filter(([, value]) => value !== '');
  const search = new URLSearchParams(Object.fromEntries(entries)).toString();
  const places = Map.groupBy(recall.groups, ({ place, shipmentState }) => {
    return place?.name ?? (shipmentState === 'in transit' ? say('recall.onTheWay') : say('recall.notSeenYet'));
  });
  return (
    <section className="section-open" aria-labelledby="where">
      <div className="head">
        <h2 id="where">{counted(recall.count, 'serial')}</h2>
        {recall.elsewhere > 0 ? <Elsewhere serials={recall.elsewhere} /> : null}
        <span className="spring" />
        <Button
          component="a"
          variant="default"
          leftSection={<IconDownload size={17} />}
          href={`/api/v1/recall.csv?${search}`}
        >
          {say('recall.csv')}
        </Button>
        <Button
          component="a"
          variant="default"
          leftSection={<IconDownload size={17} />}
          href={`/api/v1/recall.jsonld?${search}`}
        >
          {say('recall.epcis')}
        </Button>
      </div>
      <div className={css.recallPlaces}>
        {[...places].map(([name, groups]) => (
          <Place key={name} name={name} groups={groups} />
        ))}
      </div>
    </section>
  );
}

/** Whoever is bound to sites knows that there are more, and whom to ask. */
function Elsewhere({ serials }: { serials: number }) {
  return <span className="muted">{say('recall.elsewhere', { count: serials })}</span>;
}

const UNITS_SHOWN = 20;

function Place({ name, groups }: { name: string; groups: RecallView['groups'] }) {
  const total = groups.reduce((sum, group) => sum + group.count, 0);
  const rest = groups.length - UNITS_SHOWN;
  return (
    <div className="panel section">
      <h3>
        {name} <span className="figure">{count(total)}</span>
      </h3>
      <ul className={css.recallUnits}>
        {groups.slice(0, UNITS_SHOWN).map(({ unit, shipment, shipmentState, count: serials }) => (
          <li key={`${unit}|${shipment}`}>
            <span title={unit ?? undefined}>
              {unit === null ? say('recall.inNoUnit') : say('recall.unit', { unit: unitText(unit) })}
            </span>
            {shipment === null ? (
              <span />
            ) : (
              <Link to={`/shipments/${encodeURIComponent(shipment)}`}>
                {shipment}
                {shipmentState === null ? null : (
                  <span className="muted">, {stateText(shipmentState).toLowerCase()}</span>
                )}
              </Link>
            )}
            <span className="figure right">{count(serials)}</span>
          </li>
        ))}
      </ul>
      {rest > 0 ? <p className="muted">{say('recall.andMoreTheFilesHave', { rest: counted(rest, 'unit') })}</p> : null}
    </div>
  );
}

function Serials({ pages, total }: { pages: readonly RecallView[]; total: number }) {
  const items = pages.flatMap((page) => page.items);
  return (
    <section className="section-open" aria-labelledby="serials">
      <h2 id="serials">
        <Say
          text="recall.serials"
          values={{
            span: (
              <span className="muted">
                · {items.length === total ? say('recall.all') : say('recall.theFirst', { length: count(items.length) })}
              </span>
            ),
          }}
        />
      </h2>
      <div className="panel scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('recall.serial')}</th>
              <th scope="col">{say('recall.lot')}</th>
              <th scope="col">{say('recall.unit2')}</th>
              <th scope="col">{say('recall.at')}</th>
              <th scope="col">{say('recall.status')}</th>
              <th scope="col" className="right">
                {say('recall.lastSeen')}
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.epc}>
                <td className="figure">
                  <Link to={`/serials/${encodeURIComponent(item.epc)}`} title={item.epc}>
                    {item.serial}
                  </Link>
                </td>
                <td data-label={say('recall.lot')}>{item.lot ?? '–'}</td>
                <td data-label={say('recall.unit2')} className="figure">
                  {item.unit === null ? '–' : unitText(item.unit)}
                </td>
                <td data-label={say('recall.at')}>
                  {item.place?.name ?? (item.shipmentState === 'in transit' ? say('recall.onTheWay') : '–')}
                </td>
                <td data-label={say('recall.status')}>{item.status === null ? '–' : statusText(item.status)}</td>
                <td data-label={say('recall.lastSeen')} className="right muted">
                  {item.lastSeen === null ? say('recall.never') : <When at={item.lastSeen} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
