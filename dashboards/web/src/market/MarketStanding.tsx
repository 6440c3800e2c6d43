import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { MarketStandingView, MarketView } from '../../../api/index.ts';
import form from '../admin/admin.module.css';
import { Confirm } from '../parts/Confirm.tsx';
import { DayField } from '../parts/DayField.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { CheckLines } from './CheckLines.tsx';
import css from './market.module.css';
import { useAssign, useStanding, useSubjects } from './market-queries.ts';

/** Where a market holds here, set and taken off, with what lacks: of products, and in the latest shipments. */
export function MarketStanding({ market }: { market: MarketView }) {
  const { data, error, isPending, refetch } = useStanding(market.id);
  const mayChange = useMay('product.register');
  if (isPending) return <Loading rows={3} height={52} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('market.where')} onRetry={() => void refetch()} />;
  return (
    <>
      <section className="section-open">
        <h2>{say('market.where')}</h2>
        <Held standing={data} mayChange={mayChange} />
        {mayChange ? <SetForm market={market.id} /> : null}
        <Records standing={data} />
      </section>
      <Shipments standing={data} />
    </>
  );
}

function Held({ standing, mayChange }: { standing: MarketStandingView; mayChange: boolean }) {
  const held = [
    ...standing.sites.map(({ id, ...site }) => ({ subject: id, lacks: [], ...site })),
    ...standing.products.map(({ gtin, name, ...product }) => ({
      ...{ subject: `product:${gtin}`, name: `${name ?? ''} (${gtin})`, ...product },
    })),
  ];
  if (held.length === 0) return <p className="muted">{say('market.where.none')}</p>;
  return (
    <div className="panel scroll">
      <table className="table cards">
        <thead>
          <tr>
            <th scope="col">{say('market.what')}</th>
            <th scope="col">{say('market.from')}</th>
            <th scope="col">{say('market.to')}</th>
            <th scope="col">{say('market.lacks')}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {held.map((one) => (
            <tr key={`${one.subject} ${one.from}`}>
              <td>{one.name}</td>
              <td data-label={say('market.from')}>{one.from}</td>
              <td data-label={say('market.to')}>{one.to ?? '–'}</td>
              <td data-label={say('market.lacks')}>
                {one.lacks.length === 0 ? (
                  <span className="muted">{say('market.lacks.nothing')}</span>
                ) : (
                  say('market.lacks.label', { fields: one.lacks.map(fieldName).join(', ') })
                )}
              </td>
              <td>{mayChange ? <TakeOff {...one} market={standing.market} /> : null}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const FIELDS = ['ndc', 'strength', 'dosageForm', 'containerSize'] as const;

function fieldName(field: string): string {
  const known = FIELDS.find((one) => one === field);
  return known === undefined ? field : say(`market.field.${known}`);
}

function TakeOff({
  subject,
  name,
  market,
  from,
}: {
  readonly subject: string;
  readonly name: string;
  readonly market: string;
  readonly from: string;
}) {
  const assign = useAssign();
  return (
    <>
      <Confirm
        name={say('market.takeOff')}
        question={say('market.takeOff.sure', { name })}
        action={say('market.takeOff.do')}
        isPending={assign.isPending}
        onConfirm={() =>
          assign.mutate({
            subject,
            change: (before) => before.filter((one) => one.market !== market || one.from !== from),
          })
        }
      />
      <Trouble error={assign.error} />
    </>
  );
}

function SetForm({ market }: { market: string }) {
  const { data: subjects } = useSubjects();
  const assign = useAssign();
  const [subject, setSubject] = useState('');
  const [from, setFrom] = useState(() => new Date().toISOString().slice(0, 10));
  const [to, setTo] = useState('');
  return (
    <form
      className={`panel section ${form.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (subject === '') return;
        const set = { market, from, to: to === '' ? null : to };
        assign.mutate(
          // The same first day again: its end is what changes.
          { subject, change: (before) => [...before.filter((one) => one.market !== market || one.from !== from), set] },
          { onSuccess: () => setSubject('') },
        );
      }}
    >
      <p className="muted">{say('market.set.hint')}</p>
      <NativeSelect
        label={say('market.what')}
        value={subject}
        data={[
          { value: '', label: say('market.choose') },
          { group: say('market.sites'), items: subjects?.sites ?? [] },
          { group: say('market.products'), items: subjects?.products ?? [] },
        ]}
        onChange={(event) => setSubject(event.currentTarget.value)}
      />
      <DayField
        label={say('market.from')}
        required
        fault={faultAt(assign.error, 'markets.0.from')}
        value={from}
        onChange={setFrom}
      />
      <DayField label={say('market.to')} hint={say('market.to.hint')} value={to} onChange={setTo} />
      <Button type="submit" loading={assign.isPending} disabled={subject === ''}>
        {say('market.set')}
      </Button>
      <Trouble error={faultElsewhere(assign.error, ['markets.0.from'])} />
    </form>
  );
}

function Records({ standing: { recordsKept } }: { standing: MarketStandingView }) {
  const kept = ageText(recordsKept.kept);
  return (
    <p className={`muted ${css.records}`}>
      {recordsKept.asked === null
        ? say('market.records.none', { kept })
        : say('market.records', { kept, asked: ageText(recordsKept.asked) })}
    </p>
  );
}

function ageText(duration: string): string {
  const days = /^(\d+)d$/.exec(duration)?.[1];
  return days === undefined ? duration : say('market.days', { days: Number(days) });
}

function Shipments({ standing: { sites, products, shipments } }: { standing: MarketStandingView }) {
  if (sites.length + products.length === 0) return null;
  const { looked, isMore, lacking } = shipments;
  return (
    <section className="section-open">
      <h2>{say('market.shipments')}</h2>
      {looked === 0 ? (
        <p className="muted">{say('market.shipments.empty')}</p>
      ) : lacking.length === 0 ? (
        <p>{say('market.shipments.none', { looked })}</p>
      ) : (
        <div className={`panel ${css.checks}`}>
          {lacking.map(({ shipment, checks }) => (
            <div key={shipment}>
              <h3>
                <Link to={`/shipments/${encodeURIComponent(shipment)}`}>{shipment}</Link>
              </h3>
              {checks.map((check) => (
                <CheckLines key={check.moment} check={check} />
              ))}
            </div>
          ))}
        </div>
      )}
      {isMore ? <p className="muted">{say('market.shipments.more', { looked })}</p> : null}
    </section>
  );
}
