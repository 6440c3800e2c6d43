import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { usePlaces } from '../admin/setup-queries.ts';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './case.module.css';
import { useOpenCase } from './case-queries.ts';
import { linesOf } from './case-words.ts';
import { ReasonArea, SerialLines } from './fields.tsx';

const KINDS = ['suspect product', 'complaint', 'data missing'] as const;

/** A case that no alert opened: somebody found something, or says so. It leads on to the case. */
export function OpenCase({ onDone }: { onDone: () => void }) {
  const navigate = useNavigate();
  const open = useOpenCase();
  const places = usePlaces().data?.items ?? [];
  const [kind, setKind] = useState<(typeof KINDS)[number]>('suspect product');
  const [title, setTitle] = useState('');
  const [shipment, setShipment] = useState('');
  const [place, setPlace] = useState('');
  const [text, setText] = useState('');
  const [reason, setReason] = useState('');
  const serials = linesOf(text);
  const isAbout = shipment.trim() !== '' || place !== '' || serials.length > 0;
  const isWhole = title.trim() !== '' && reason.trim().length >= 3 && isAbout;
  return (
    <form
      className={`panel ${css.form}`}
      aria-label={say('case.open')}
      onSubmit={(event) => {
        event.preventDefault();
        if (open.isPending || !isWhole) return;
        open.mutate(
          {
            ...{ kind, title: title.trim(), serials: [...serials], reason: reason.trim() },
            shipment: shipment.trim() === '' ? null : shipment.trim(),
            place: place === '' ? null : place,
          },
          { onSuccess: ({ id }) => navigate(`/cases/${encodeURIComponent(id)}`) },
        );
      }}
    >
      <h2>{say('case.open')}</h2>
      <SegmentedControl
        aria-label={say('case.open.kind')}
        data={KINDS.map((one) => ({ value: one, label: say(`case.kind.${one}`) }))}
        value={kind}
        onChange={(value) => setKind(KINDS.find((one) => one === value) ?? 'complaint')}
      />
      <span className="muted">{say(`case.open.hint.${kind}`)}</span>
      <Field
        label={say('case.open.title')}
        required
        maxLength={200}
        fault={faultAt(open.error, 'title')}
        value={title}
        onChange={setTitle}
      />
      <div className={css.two}>
        <Field
          label={say('case.shipment')}
          hint={say('case.open.shipment.hint')}
          maxLength={200}
          value={shipment}
          onChange={setShipment}
        />
        <NativeSelect
          label={say('case.place')}
          value={place}
          data={[
            { value: '', label: say('case.open.place.none') },
            ...places.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(event) => setPlace(event.currentTarget.value)}
        />
      </div>
      <SerialLines value={text} count={serials.length} onChange={setText} />
      <ReasonArea value={reason} onChange={setReason} />
      {isAbout ? null : <p className="muted">{say('case.open.about')}</p>}
      <Trouble error={faultElsewhere(open.error, ['title'])} />
      <div className="buttons">
        <Button type="submit" loading={open.isPending} disabled={!isWhole}>
          {say('case.open')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {say('case.decide.cancel')}
        </Button>
      </div>
    </form>
  );
}
