import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { AlertDetail } from '../../../api/index.ts';
import { Field } from '../parts/Field.tsx';
import { Trouble } from '../parts/States.tsx';
import { WhenExact } from '../parts/When.tsx';
import { type SilenceGiven, useAddSilence } from '../routing/routing-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';

const HOUR_MS = 3_600_000;
const HOURS = [1, 4, 12, 24, 72] as const;

interface Choice {
  readonly label: string;
  readonly match: SilenceGiven['match'];
}

/** Of this alert and those like it nobody is told for a while: by what it has, with a reason and an end. */
export function SilenceAlert({ alert, onClose }: { alert: AlertDetail; onClose: () => void }) {
  const add = useAddSilence();
  const choices = choicesOf(alert);
  const [chosen, setChosen] = useState('0');
  const [hours, setHours] = useState('4');
  const [reason, setReason] = useState('');
  const match = choices[Number(chosen)]?.match;
  if (add.data !== undefined)
    return (
      <p className="note" role="status">
        <Say text="alert.silence.done" values={{ until: <WhenExact at={add.data.until} /> }} />
      </p>
    );
  return (
    <form
      className="panel section ask"
      onSubmit={(event) => {
        event.preventDefault();
        if (match === undefined) return;
        add.mutate({ match, reason: reason.trim(), until: Date.now() + Number(hours) * HOUR_MS });
      }}
    >
      <NativeSelect
        label={say('alert.silence.by')}
        description={say('alert.silence.hint')}
        value={chosen}
        data={choices.map(({ label }, nth) => ({ value: String(nth), label }))}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      <NativeSelect
        label={say('alert.silence.long')}
        value={hours}
        data={HOURS.map((value) => ({ value: String(value), label: say('alert.silence.for', { hours: value }) }))}
        onChange={(event) => setHours(event.currentTarget.value)}
      />
      <Field label={say('alert.silence.reason')} required maxLength={1_000} value={reason} onChange={setReason} />
      <Trouble error={add.error} />
      <div className="buttons">
        <Button type="submit" loading={add.isPending} disabled={reason.trim() === ''}>
          {say('alert.silence.do')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onClose}>
          {say('alert.cancel')}
        </Button>
      </div>
    </form>
  );
}

/** The narrowest first. */
function choicesOf({ subject, about, rule }: AlertDetail): readonly Choice[] {
  const { device } = subject;
  const [shipment] = about.shipments;
  return [
    ...(device === undefined
      ? []
      : [
          {
            label: say('alert.silence.by.both', { name: rule.id, device: about.device ?? device }),
            match: { rule: [rule.id], device: [device] },
          },
          { label: say('alert.silence.by.device', { name: about.device ?? device }), match: { device: [device] } },
        ]),
    ...(shipment === undefined
      ? []
      : [{ label: say('alert.silence.by.shipment', { name: shipment }), match: { shipment: [shipment] } }]),
    ...(about.place?.id.startsWith('site:') !== true
      ? []
      : [{ label: say('alert.silence.by.site', { name: about.place.name }), match: { site: [about.place.id] } }]),
    { label: say('alert.silence.by.rule', { name: rule.id }), match: { rule: [rule.id] } },
  ];
}
