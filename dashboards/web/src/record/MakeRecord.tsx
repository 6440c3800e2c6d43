import { Button, NativeSelect } from '@mantine/core';
import { IconDownload, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { TransactionRecordView } from '../../../api/index.ts';
import { Field } from '../parts/Field.tsx';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { TimeField } from '../parts/TimeField.tsx';
import { useZone } from '../parts/Zone.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { counted } from '../words/figures.ts';
import { fromText } from '../words/when.ts';
import css from './record.module.css';
import { type RecordAsked, recordAddress, useRecord } from './record-queries.ts';

const WAYS = {
  shipment: ['shipment'],
  lot: ['gtin', 'lot'],
  serial: ['gtin', 'serial'],
  period: ['from', 'to'],
} as const;
type Way = keyof typeof WAYS;
type Name = (typeof WAYS)[Way][number];

/** The record of a shipment, a lot, a pack or a period: what it says, what it lacks, and the forms that it is given in. */
export function MakeRecord() {
  const [search, setSearch] = useSearchParams();
  const way = wayIn(search);
  const asked = way === null ? null : Object.fromEntries(WAYS[way].map((name) => [name, search.get(name) ?? '']));
  const { data, error, isLoading, refetch } = useRecord(asked);
  return (
    <section className="section-open" aria-labelledby="make">
      <h2 id="make">{say('record.make')}</h2>
      <Ask key={search.toString()} search={search} onAsk={setSearch} />
      {asked === null ? null : isLoading ? (
        <Loading rows={3} height={52} />
      ) : data === undefined ? (
        <Failed error={error ?? new Error('')} what={say('record.make')} onRetry={() => void refetch()} />
      ) : data.items.length === 0 ? (
        <Nothing title={say('record.empty')}>{say('record.empty.hint')}</Nothing>
      ) : (
        <Found record={data} asked={asked} />
      )}
    </section>
  );
}

/** What the address asks for, where it asks for all of it. */
function wayIn(search: URLSearchParams): Way | null {
  const ways = Object.keys(WAYS) as Way[];
  return ways.find((way) => WAYS[way].every((name) => (search.get(name) ?? '') !== '')) ?? null;
}

function Ask({ search, onAsk }: { search: URLSearchParams; onAsk: (asked: Record<string, string>) => void }) {
  const zone = useZone();
  const [way, setWay] = useState<Way>(wayIn(search) ?? 'shipment');
  const [given, setGiven] = useState<Readonly<Partial<Record<Name, string>>>>(Object.fromEntries(search));
  const values = WAYS[way].map((name) => [name, (given[name] ?? '').trim()] as const);
  const isWhole = values.every(([, value]) => value !== '');
  return (
    <form
      className={`panel section ${css.ask}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWhole) return;
        const moment = (value: string) => new Date(fromText(value, zone) ?? value).toISOString();
        onAsk(Object.fromEntries(values.map(([name, value]) => [name, way === 'period' ? moment(value) : value])));
      }}
    >
      <NativeSelect
        label={say('record.of')}
        value={way}
        data={(Object.keys(WAYS) as Way[]).map((value) => ({ value, label: say(`record.of.${value}`) }))}
        onChange={(event) => setWay(event.currentTarget.value as Way)}
      />
      {WAYS[way].map((name) =>
        way === 'period' ? (
          <TimeField
            key={name}
            label={say(`record.ask.${name}`)}
            value={given[name] ?? ''}
            zone={zone}
            isOptional
            onChange={(value) => setGiven({ ...given, [name]: value })}
          />
        ) : (
          <Field
            key={name}
            label={say(`record.ask.${name}`)}
            maxLength={200}
            value={given[name] ?? ''}
            onChange={(value) => setGiven({ ...given, [name]: value })}
          />
        ),
      )}
      <Button type="submit" leftSection={<IconSearch size={17} />} disabled={!isWhole}>
        {say('record.show')}
      </Button>
    </form>
  );
}

function Found({ record, asked }: { record: TransactionRecordView; asked: RecordAsked }) {
  const maySign = useMay('partner.exchange');
  const forms = [
    { form: 'pdf', text: say('record.pdf') },
    { form: 'epcis.json', text: say('record.epcis') },
    ...(maySign ? [{ form: 'jws', text: say('record.jws') } as const] : []),
  ] as const;
  return (
    <>
      <div className="head">
        <b>
          {say('record.found', {
            transactions: record.items.length,
            serials: counted(record.serials, 'serial'),
          })}
        </b>
        <span className="spring" />
        {forms.map(({ form, text }) => (
          <Button
            key={form}
            component="a"
            variant="default"
            leftSection={<IconDownload size={17} />}
            href={recordAddress(asked, form)}
            target="_blank"
            rel="noreferrer"
          >
            {text}
          </Button>
        ))}
      </div>
      <div className="panel scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('record.shipment')}</th>
              <th scope="col">{say('record.on')}</th>
              <th scope="col">{say('record.from')}</th>
              <th scope="col">{say('record.to')}</th>
              <th scope="col">{say('record.goods')}</th>
              <th scope="col">{say('record.missing')}</th>
            </tr>
          </thead>
          <tbody>
            {record.items.map((transaction) => (
              <Row key={transaction.shipment} transaction={transaction} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row({ transaction }: { transaction: TransactionRecordView['items'][number] }) {
  const { shipment, transactedOn, from, to, lines, missing } = transaction;
  return (
    <tr>
      <td>
        <Link to={`/shipments/${encodeURIComponent(shipment)}`}>{shipment}</Link>
      </td>
      <td data-label={say('record.on')}>{transactedOn ?? say('record.unknown')}</td>
      <td data-label={say('record.from')}>{partyText(from)}</td>
      <td data-label={say('record.to')}>{partyText(to)}</td>
      <td data-label={say('record.goods')}>
        <ul className={css.goods}>
          {lines.map(({ gtin, name, lot, count }) => (
            <li key={`${gtin} ${lot}`}>{say('record.line', { count, name: name ?? gtin, lot: lot ?? '–' })}</li>
          ))}
        </ul>
      </td>
      <td data-label={say('record.missing')}>
        {missing.length === 0 ? (
          say('record.whole')
        ) : (
          <details>
            <summary className="trouble">{say('record.lacks', { count: missing.length })}</summary>
            <ul className={css.goods}>
              {missing.map((path) => (
                <li key={path}>
                  <code>{path}</code>
                </li>
              ))}
            </ul>
          </details>
        )}
      </td>
    </tr>
  );
}

function partyText({ name, gln, partner }: TransactionRecordView['issuer']): string {
  if (partner === 'own' && name === null) return say('record.us');
  return name ?? gln ?? say('record.unknown');
}
