import { Button, NativeSelect } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { DayField, isDay } from '../parts/DayField.tsx';
import { Field } from '../parts/Field.tsx';
import record from '../record/record.module.css';
import { say } from '../text/say.ts';
import { type ReadinessAsked, useSubjects } from './market-queries.ts';

interface AskReadinessProps {
  readonly asked: ReadinessAsked | null;
  readonly onAsk: (asked: Record<string, string>) => void;
}

/** Which goods are looked at: those of a shipment, or those that are at a site now. */
export function AskReadiness({ asked, onAsk }: AskReadinessProps) {
  const { data: subjects } = useSubjects();
  const [way, setWay] = useState<'shipment' | 'site'>(asked !== null && 'site' in asked ? 'site' : 'shipment');
  const [shipment, setShipment] = useState(asked !== null && 'shipment' in asked ? asked.shipment : '');
  const [site, setSite] = useState(asked !== null && 'site' in asked ? asked.site : '');
  const [day, setDay] = useState(asked?.day ?? '');
  const of = (way === 'shipment' ? shipment : site).trim();
  const isWhole = of !== '' && (day === '' || isDay(day));
  return (
    <form
      className={`panel section ${record.ask}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) onAsk({ [way]: of, ...(day === '' ? {} : { day }) });
      }}
    >
      <NativeSelect
        label={say('readiness.of')}
        value={way}
        data={(['shipment', 'site'] as const).map((value) => ({ value, label: say(`readiness.of.${value}`) }))}
        onChange={(event) => setWay(event.currentTarget.value as typeof way)}
      />
      {way === 'shipment' ? (
        <Field label={say('record.ask.shipment')} maxLength={200} value={shipment} onChange={setShipment} />
      ) : (
        <NativeSelect
          label={say('readiness.site')}
          value={site}
          data={[{ value: '', label: say('readiness.choose') }, ...(subjects?.sites ?? [])]}
          onChange={(event) => setSite(event.currentTarget.value)}
        />
      )}
      <DayField label={say('readiness.day')} hint={say('readiness.day.hint')} value={day} onChange={setDay} />
      <Button type="submit" leftSection={<IconSearch size={17} />} disabled={!isWhole}>
        {say('record.show')}
      </Button>
    </form>
  );
}
